/** Every hub: its last uplink, what waits on it and since when, and what it brought that no phone had signed. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { Ago, Empty, Loaded, Mark, Pages, Table } from '../parts.tsx';
import { usePlace } from '../place.ts';
import { number, t, tCode } from '../words.ts';

type Hub = Shapes['HubRow'];

export function Hubs(): JSX.Element {
  const { query } = usePlace();
  const hubs = useData<Shapes['HubPage']>(`/v1/hubs?${query}`);
  return (
    <>
      <h1>{t('nav.hubs')}</h1>
      <p class="quiet">{t('hubs.lead')}</p>
      <Loaded data={hubs}>
        {(page) => (
          <>
            {page.items.length ? <List hubs={page.items} /> : <Empty>{t('hubs.none')}</Empty>}
            <Pages page={page} />
            {page.items.some(({ knocked_ms }) => knocked_ms != null) && <p class="trouble">{t('hubs.knockedLead')}</p>}
            {page.items.length > 0 && <Incidents incidents={page.incidents} />}
            {page.enrolled.length > 0 && <Enrolled enrolled={page.enrolled} />}
          </>
        )}
      </Loaded>
    </>
  );
}

function List({ hubs }: { hubs: readonly Hub[] }): JSX.Element {
  const columns = [t('hubs.name'), t('hubs.last'), t('hubs.waiting'), t('hubs.oldest'), t('hubs.trouble')];
  return (
    <Table label={t('nav.hubs')} columns={columns.map((title) => ({ title }))}>
      {hubs.map((hub) => (
        <tr key={hub.id}>
          <th scope="row">{hub.name}</th>
          <td>{hub.joined_ms === null ? t('hubs.notJoined') : <Ago ms={hub.last_uplink_ms} />}</td>
          <td>{number(hub.waiting)}</td>
          <td>{hub.oldest_cargo_ms !== null && <Ago ms={hub.oldest_cargo_ms} />}</td>
          <td>
            <div class="marks">
              {hub.revoked_ms !== null && <Mark kind="bad">{t('hubs.revoked')}</Mark>}
              {hub.knocked_ms != null && (
                <Mark kind="bad">
                  {t('hubs.knocked')} <Ago ms={hub.knocked_ms} />
                </Mark>
              )}
              {hub.incidents > 0 && <Mark kind="bad">{t('hubs.altered', { n: hub.incidents })}</Mark>}
              {hub.refused > 0 && <Mark kind="wait">{t('hubs.refused', { n: hub.refused })}</Mark>}
            </div>
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** Who came by a hub. Nobody is merged with her namesake: whether they are one person is for people to say. */
function Enrolled({ enrolled }: { enrolled: readonly Shapes['EnrolledAtHub'][] }): JSX.Element {
  const columns = [t('learners.name'), t('hubs.name'), t('hubs.when'), t('hubs.namesake')];
  return (
    <>
      <h2>{t('hubs.enrolled')}</h2>
      <Table label={t('hubs.enrolled')} columns={columns.map((title) => ({ title }))}>
        {enrolled.map(({ learner, hub, at_ms, namesake }) => (
          <tr key={learner.id}>
            <th scope="row">
              <a href={`/trainer/learners/${learner.id}`}>{learner.name}</a>
            </th>
            <td>{hub}</td>
            <td>
              <Ago ms={at_ms} />
            </td>
            <td>
              {namesake && (
                <Mark kind="wait">
                  <a href={`/trainer/learners/${namesake.id}`}>{t('hubs.sameName', { name: namesake.name })}</a>
                </Mark>
              )}
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function Incidents({ incidents }: { incidents: readonly Shapes['Incident'][] }): JSX.Element {
  const columns = [t('hubs.when'), t('hubs.name'), t('devices.label'), t('quarantine.reason')];
  return (
    <>
      <h2>{t('hubs.incidents')}</h2>
      <p class="quiet">{t(incidents.length ? 'hubs.incidentsLead' : 'hubs.noIncidents')}</p>
      {incidents.length > 0 && (
        <Table label={t('hubs.incidents')} columns={columns.map((title) => ({ title }))}>
          {incidents.map((one) => (
            <tr key={`${one.at_ms} ${one.device} ${one.hub}`}>
              <td>
                <Ago ms={one.at_ms} />
              </td>
              <td>{one.hub}</td>
              <td>{one.device && <a href={`/admin/devices/${one.device}`}>{one.device.slice(0, 8)}</a>}</td>
              <td>{tCode('reason', one.reason)}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}
