/** Every hub: its last uplink, what waits on it and since when, and what it brought that no phone had signed. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { Ago, Choose, Empty, Loaded, Mark, Pages, Search, Table } from '../parts.tsx';
import { usePlace } from '../place.ts';
import { number, t, tCode } from '../words.ts';

type Hub = Shapes['HubRow'];

const FILTERS = ['knocked', 'altered', 'silent', 'refused', 'not_joined', 'waiting', 'revoked'] as const;

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
            {page.hubs ? <Found page={page} /> : <Empty>{t('hubs.none')}</Empty>}
            {page.items.some(({ knocked_ms }) => knocked_ms != null) && <p class="trouble">{t('hubs.knockedLead')}</p>}
            {page.hubs > 0 && <Incidents incidents={page.incidents} />}
            {page.enrolled.length > 0 && <Enrolled enrolled={page.enrolled} />}
          </>
        )}
      </Loaded>
    </>
  );
}

function Found({ page }: { page: Shapes['HubPage'] }): JSX.Element {
  const filters = FILTERS.map((value) => ({ value, label: t(`hubs.is.${value}`) }));
  const orders = [
    { value: '', label: t('hubs.byNeed') },
    { value: 'name', label: t('hubs.name') },
    { value: 'last_uplink', label: t('hubs.last') },
    { value: 'waiting', label: t('hubs.waiting') },
  ];
  return (
    <>
      <div class="filters">
        <Search label={t('learners.search')} />
        <Choose label={t('devices.filter')} name="filter" options={[{ value: '', label: t('hubs.all') }, ...filters]} />
        <Choose label={t('results.order')} name="order" options={orders} clears="descending" />
      </div>
      {page.items.length ? <List hubs={page.items} /> : <Empty>{t('hubs.noMatch')}</Empty>}
      <Pages page={page} />
    </>
  );
}

function List({ hubs }: { hubs: readonly Hub[] }): JSX.Element {
  const columns = [
    { title: t('hubs.name'), order: 'name' },
    { title: t('hubs.trouble') },
    { title: t('hubs.last'), order: 'last_uplink' },
    { title: t('hubs.waiting'), order: 'waiting' },
    { title: t('hubs.oldest') },
  ];
  return (
    <Table label={t('nav.hubs')} columns={columns}>
      {hubs.map((hub) => (
        <tr key={hub.id}>
          <th scope="row">{hub.name}</th>
          <td>
            <Troubles hub={hub} />
          </td>
          <td>{hub.joined_ms !== null && <Ago ms={hub.last_uplink_ms} />}</td>
          <td>{number(hub.waiting)}</td>
          <td>{hub.oldest_cargo_ms !== null && <Ago ms={hub.oldest_cargo_ms} />}</td>
        </tr>
      ))}
    </Table>
  );
}

/** Everything of one hub that somebody should know, in words; what waits on it has a column of its own. */
function Troubles({ hub }: { hub: Hub }): JSX.Element {
  return (
    <div class="marks">
      {hub.fits.includes('knocked') && (
        <Mark kind="bad">
          {t('hubs.knocked')} <Ago ms={hub.knocked_ms} />
        </Mark>
      )}
      {hub.incidents > 0 && <Mark kind="bad">{t('hubs.altered', { n: hub.incidents })}</Mark>}
      {hub.fits.includes('silent') && <Mark kind="bad">{t('hubs.is.silent')}</Mark>}
      {hub.refused > 0 && <Mark kind="wait">{t('hubs.refused', { n: hub.refused })}</Mark>}
      {hub.fits.includes('not_joined') && <Mark kind="wait">{t('hubs.is.not_joined')}</Mark>}
      {hub.fits.includes('revoked') && <Mark kind="out">{t('hubs.revoked')}</Mark>}
    </div>
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
