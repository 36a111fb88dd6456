/** Work that came by file: phones without a network wrote it down, a trainer brings it in and takes the replies back. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { send, type Refused, type Shapes } from '../api.ts';
import { chooseAnew, Empty, Mark, Table, Trouble } from '../parts.tsx';
import { number, t, tCode } from '../words.ts';

type Report = Shapes['CarriedReport'];

interface Brought {
  readonly name: string;
  readonly report?: Report;
  readonly problem?: Refused;
}

export function CarriedFiles(): JSX.Element {
  const [brought, setBrought] = useState<readonly Brought[]>([]);
  const [busy, setBusy] = useState(false);

  /** One after the other; a file that cannot be taken keeps no other from being taken. */
  async function bring(files: readonly File[]) {
    setBusy(true);
    for (const file of files) {
      const outcome = await send<Report>('/v1/carried', file).then(
        (report): Brought => ({ name: file.name, report }),
        (problem: Refused): Brought => ({ name: file.name, problem }),
      );
      setBrought((before) => [outcome, ...before]);
    }
    setBusy(false);
  }

  return (
    <>
      <h1>{t('nav.carried')}</h1>
      <p>{t('carried.lead')}</p>
      <label class="field">
        <span>{t('carried.choose')}</span>
        <input
          type="file"
          multiple
          disabled={busy}
          onClick={chooseAnew}
          onChange={(event) => void bring(Array.from(event.currentTarget.files ?? []))}
        />
      </label>
      {busy && <p role="status">{t('carried.busy')}</p>}
      {brought.map((one, place) => (
        <section key={brought.length - place} class="card" aria-label={one.name}>
          <h2 dir="auto">{one.name}</h2>
          {one.problem && <Trouble problem={one.problem} />}
          {one.report && <Came report={one.report} name={one.name} />}
        </section>
      ))}
    </>
  );
}

function Came({ report, name }: { report: Report; name: string }): JSX.Element {
  const replies = `data:application/octet-stream;base64,${report.replies}`;
  return (
    <>
      {!report.is_whole && <p class="trouble">{t('carried.cut', { n: report.damaged + report.unreadable })}</p>}
      {report.devices.length ? <Devices devices={report.devices} /> : <Empty>{t('carried.nothing')}</Empty>}
      {report.devices.length > 0 && (
        <p class="actions">
          <a class="button" href={replies} download={`${name}.replies`}>
            {t('carried.replies')}
          </a>
        </p>
      )}
    </>
  );
}

function Devices({ devices }: { devices: Report['devices'] }): JSX.Element {
  const columns = [t('conflict.learner'), t('carried.new'), t('carried.kept'), t('carried.pictures'), t('devices.trouble')];
  return (
    <Table label={t('devices.learners')} columns={columns.map((title) => ({ title }))}>
      {devices.map((device) => (
        <tr key={`${device.device}/${device.profile}`}>
          <th scope="row">
            {device.learner ? (
              <a href={`/trainer/learners/${device.learner.id}`}>{device.learner.name}</a>
            ) : (
              <bdi>
                {device.device.slice(0, 8)}/{device.profile}
              </bdi>
            )}
          </th>
          <td>{number(device.new + device.placed)}</td>
          <td>{number(device.parked + device.quarantined)}</td>
          <td>{number(device.pictures)}</td>
          <td>
            {device.pictures_early > 0 && <Mark kind="wait">{t('carried.early', { n: device.pictures_early })}</Mark>}
            {device.later > 0 && <Mark kind="wait">{t('carried.later')}</Mark>}
            {[...new Set(device.refused)].map((code) => (
              <Mark key={code} kind="bad">
                {tCode('refused', code)}
              </Mark>
            ))}
          </td>
        </tr>
      ))}
    </Table>
  );
}
