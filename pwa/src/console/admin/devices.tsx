/** Every phone: last exchange, what waits on it, which releases it holds, what troubles it. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { Ago, Choose, Empty, Loaded, Mark, Pages, SaveFile, Search, Table, Tins } from '../parts.tsx';
import { usePlace } from '../place.ts';
import { date, say, size, t } from '../words.ts';

type Device = Shapes['DeviceRow'];
const FILTERS = [
  'silent_14',
  'silent_7',
  'silent_3',
  'heard',
  'waiting',
  'quarantined',
  'parked',
  'full',
  'dropping',
  'behind',
  'conflicts',
  'push_failing',
  'revoked',
] as const;
const ROOM_LEFT_MIN = 0.1; // of what the browser grants; as the server counts it

export function Devices(): JSX.Element {
  const { query } = usePlace();
  const devices = useData<Shapes['DevicePage']>(`/v1/devices?${query}`);
  const options = FILTERS.map((value) => ({ value, label: t(`filter.${value}`) }));
  return (
    <>
      <div class="head">
        <h1>{t('nav.devices')}</h1>
        <SaveFile path={`/v1/devices.csv?${query}`} />
      </div>
      <div class="filters">
        <Search label={t('devices.search')} />
        <Choose label={t('devices.filter')} name="filter" options={[{ value: '', label: t('filter.all') }, ...options]} />
      </div>
      <Loaded data={devices}>{(page) => <List page={page} narrowed={query.has('filter') || query.has('search')} />}</Loaded>
    </>
  );
}

function List({ page, narrowed }: { page: Shapes['DevicePage']; narrowed: boolean }): JSX.Element {
  if (!page.items.length) return <Empty>{t(narrowed ? 'devices.noMatch' : 'devices.none')}</Empty>;
  const columns = [
    { title: t('devices.label'), order: 'label' },
    { title: t('devices.learners') },
    { title: t('devices.last'), order: 'last_exchange' },
    { title: t('devices.waiting'), order: 'waiting' },
    { title: t('devices.releases') },
    { title: t('devices.trouble') },
    { title: t('devices.stored'), order: 'stored' },
  ];
  return (
    <>
      <Table label={t('nav.devices')} columns={columns}>
        {page.items.map((device) => (
          <Row key={device.id} device={device} />
        ))}
      </Table>
      <Pages page={page} />
    </>
  );
}

const Row = ({ device }: { device: Device }): JSX.Element => (
  <tr>
    <th scope="row">
      <a href={`/admin/devices/${device.id}`}>{device.label || device.id.slice(0, 8)}</a>
    </th>
    <td>
      {device.learners.map((learner) => (
        <div key={learner.id}>
          <a href={`/trainer/learners/${learner.id}`}>{learner.name}</a>
        </div>
      ))}
    </td>
    <td>
      <Ago ms={device.last_exchange_ms} />
    </td>
    <td>
      <Tins waiting={device.waiting} />
    </td>
    <td>
      <Held releases={device.releases} />
    </td>
    <td>
      <Troubles device={device} />
    </td>
    <td>{device.quota_bytes > 0 ? t('devices.storedOf', { stored: size(device.stored_bytes), quota: size(device.quota_bytes) }) : size(device.stored_bytes)}</td>
  </tr>
);

export const Held = ({ releases }: { releases: readonly Shapes['HeldRelease'][] }): JSX.Element => (
  <>
    {releases.map((release) => (
      <div key={release.course} class="held">
        {release.held === null || release.held === undefined
          ? t('devices.notTaken', { title: say(release.title) })
          : t('devices.held', { title: say(release.title), held: release.held, newest: release.newest ?? release.held })}
      </div>
    ))}
  </>
);

const isFull = ({ stored_bytes, quota_bytes }: Device): boolean => quota_bytes > 0 && stored_bytes > (1 - ROOM_LEFT_MIN) * quota_bytes;

/** Everything that is not as it should be with one phone, each in words. */
export function Troubles({ device }: { device: Device }): JSX.Element {
  const troubles: [boolean, 'bad' | 'wait' | 'none', string][] = [
    [device.revoked_ms !== null, 'bad', t('devices.revoked', { when: device.revoked_ms ? date(device.revoked_ms) : '' })],
    [device.silent_for !== 'up_to_3_days', device.silent_for === 'over_3_days' ? 'wait' : 'bad', t(`silence.${device.silent_for}`)],
    [device.quarantined > 0, 'bad', t('need.quarantined', { n: device.quarantined })],
    [device.parked > 0, 'wait', t('need.parked', { n: device.parked })],
    [isFull(device), 'bad', t('filter.full')],
    [device.behind > 0, 'wait', t('filter.behind')],
    [device.push_failures > 0, 'none', t('filter.push_failing')],
    [device.events_dropped > 0, 'wait', t('devices.dropped', { n: device.events_dropped })],
  ];
  return (
    <>
      {troubles
        .filter(([is]) => is)
        .map(([, kind, words]) => (
          <div key={words}>
            <Mark kind={kind}>{words}</Mark>
          </div>
        ))}
    </>
  );
}
