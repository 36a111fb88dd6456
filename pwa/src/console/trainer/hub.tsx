/** This server as a hub: when it last reached the main server, what waits for that, and what was refused there. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { useIsHub } from '../here.ts';
import { Ago, Empty, Loaded, Mark, Table } from '../parts.tsx';
import { number, t, tCode } from '../words.ts';

type Hub = Shapes['HubHere'];

export function ThisHub(): JSX.Element {
  const hub = useData<Hub>('/v1/hub');
  return (
    <>
      <h1>{t('nav.hub')}</h1>
      <Loaded data={hub}>{(value) => <Round hub={value} />}</Loaded>
    </>
  );
}

function Round({ hub }: { hub: Hub }): JSX.Element {
  return (
    <>
      <p>{t('hub.lead', { name: hub.name, upstream: hub.upstream })}</p>
      {hub.last_error && (
        <div class="trouble" role="alert">
          <p>
            {t('hub.failed')} {t(`uplink.${hub.last_error}`)}
          </p>
          {hub.last_error_detail && (
            <details>
              <summary>{t('uplink.said')}</summary>
              <p dir="ltr" class="why">
                {hub.last_error_detail}
              </p>
            </details>
          )}
        </div>
      )}
      <p>
        <span class="quiet">{t('hubs.last')}:</span> <Ago ms={hub.last_uplink_ms} />
      </p>
      <p>
        <span class="quiet">{t('hub.waiting')}:</span> {number(hub.waiting)}
        {hub.oldest_cargo_ms !== null && (
          <span class="quiet">
            {' '}
            · {t('hubs.oldest')} <Ago ms={hub.oldest_cargo_ms} />
          </span>
        )}
      </p>
      {hub.refused.map(({ refused, count }) => (
        <p key={refused}>
          <Mark kind="bad">{t('hubs.refused', { n: count })}</Mark> {tCode('reason', refused)}
        </p>
      ))}
      <h2>{t('hub.added')}</h2>
      {hub.added.length ? <Added added={hub.added} /> : <Empty>{t('hub.noneAdded')}</Empty>}
    </>
  );
}

function Added({ added }: { added: Hub['added'] }): JSX.Element {
  const columns = [t('learners.name'), t('hub.what'), t('hubs.when'), t('hub.outcome')];
  return (
    <Table label={t('hub.added')} columns={columns.map((title) => ({ title }))}>
      {added.map((one) => (
        <tr key={`${one.learner.id} ${one.kind} ${one.course}`}>
          <th scope="row">
            <a href={`/trainer/learners/${one.learner.id}`}>{one.learner.name}</a>
          </th>
          <td>{t(`hub.${one.kind}`, { course: one.course })}</td>
          <td>
            <Ago ms={one.added_ms} />
          </td>
          <td>
            <Mark kind={one.refused ? 'bad' : 'wait'}>{t(one.refused ? 'hub.refused' : 'hub.waits')}</Mark>{' '}
            {one.refused && tCode('notAdded', one.refused)}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** At a hub: whose grades these are, and of when. */
export const GradesFrom = (): JSX.Element | null => (useIsHub() ? <Heard /> : null);

function Heard(): JSX.Element {
  const hub = useData<Hub>('/v1/hub');
  return (
    <p class="quiet">
      {t('hub.grades')} <a href="/trainer/hub">{t('hubs.last')}</a>: <Ago ms={hub.value?.last_uplink_ms} />
    </p>
  );
}
