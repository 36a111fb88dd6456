/** One phone, everything that is known of it, and the way to revoke it. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { send, type Refused, type Shapes } from '../api.ts';
import { Conflicts } from '../conflicts.tsx';
import { useData } from '../data.ts';
import { Ago, Empty, Loaded, Table, Tins, Trouble } from '../parts.tsx';
import { number, size, span, t } from '../words.ts';
import { Held, Troubles } from './devices.tsx';
import { SetAside } from './quarantine.tsx';

type Detail = Shapes['DeviceDetail'];
const CLOCK_TOLERATED_MS = 120_000;

export function DevicePage({ id }: { id: string }): JSX.Element {
  const device = useData<Detail>(`/v1/devices/${id}`);
  return (
    <>
      <p>
        <a href="/admin/devices">{t('device.back')}</a>
      </p>
      <Loaded data={device}>{(value) => <Device device={value} again={device.again} />}</Loaded>
    </>
  );
}

function Device({ device, again }: { device: Detail; again: () => void }): JSX.Element {
  return (
    <>
      <div class="head">
        <h1>{device.label || device.id.slice(0, 8)}</h1>
        {device.revoked_ms === null && <Revoke id={device.id} again={again} />}
      </div>
      <Troubles device={device} />
      <Facts device={device} />
      <h2>{t('device.profiles')}</h2>
      <Profiles device={device} />
      <h2>{t('device.quarantine')}</h2>
      {device.quarantine.length ? <SetAside rows={device.quarantine} /> : <Empty>{t('quarantine.none')}</Empty>}
      <h2>{t('device.conflicts')}</h2>
      {device.conflict_records.length ? <Conflicts rows={device.conflict_records} learners /> : <Empty>{t('conflict.none')}</Empty>}
    </>
  );
}

function Facts({ device }: { device: Detail }): JSX.Element {
  const off = Math.abs(device.clock_offset_ms) > CLOCK_TOLERATED_MS;
  return (
    <dl class="facts">
      <dt>{t('devices.last')}</dt>
      <dd>
        <Ago ms={device.last_exchange_ms} />
      </dd>
      <dt>{t('devices.waiting')}</dt>
      <dd>
        <Tins waiting={device.waiting} />
      </dd>
      <dt>{t('device.joined')}</dt>
      <dd>
        <Ago ms={device.joined_ms} />
      </dd>
      <dt>{t('device.app')}</dt>
      <dd>{device.app || t('unknown')}</dd>
      <dt>{t('devices.stored')}</dt>
      <dd>
        {size(device.stored_bytes)} / {size(device.quota_bytes)}
      </dd>
      {off && <dt>{t('device.clock')}</dt>}
      {off && <dd>{t(device.clock_offset_ms > 0 ? 'device.clockFast' : 'device.clockSlow', { time: span(Math.abs(device.clock_offset_ms)) })}</dd>}
    </dl>
  );
}

function Profiles({ device }: { device: Detail }): JSX.Element {
  const columns = [t('devices.learners'), t('devices.last'), t('devices.waiting'), t('devices.releases'), t('device.exchanges'), t('device.bytes')];
  return (
    <Table label={t('device.profiles')} columns={columns.map((title) => ({ title }))}>
      {device.profiles.map((profile) => (
        <tr key={profile.profile}>
          <th scope="row">
            <a href={`/trainer/learners/${profile.learner.id}`}>{profile.learner.name}</a>
          </th>
          <td>
            <Ago ms={profile.last_exchange_ms} />
          </td>
          <td>
            <Tins waiting={profile.waiting} />
          </td>
          <td>
            <Held releases={profile.releases} />
          </td>
          <td>{number(profile.exchanges)}</td>
          <td>
            {size(profile.received_bytes)} / {size(profile.sent_bytes)}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Revoke({ id, again }: { id: string; again: () => void }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Refused>();
  const revoke = () => send(`/v1/devices/${id}/revoke`).then(again, setProblem);
  if (!asking) return <button onClick={() => setAsking(true)}>{t('device.revoke')}</button>;
  return (
    <div class="trouble" role="group" aria-label={t('device.revoke')}>
      <p>{t('device.revokeSure')}</p>
      {problem && <Trouble problem={problem} />}
      <button onClick={() => void revoke()}>{t('device.revokeYes')}</button>
      <button onClick={() => setAsking(false)}>{t('device.revokeNo')}</button>
    </div>
  );
}
