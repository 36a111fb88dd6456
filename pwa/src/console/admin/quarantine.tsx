/** What could not be trusted or understood: whose, why, and its first bytes. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { Ago, Empty, Loaded, Pages, Table } from '../parts.tsx';
import { usePlace } from '../place.ts';
import { size, t, tCode } from '../words.ts';

type Row = Shapes['QuarantineRow'];

export function Quarantine(): JSX.Element {
  const { query } = usePlace();
  const rows = useData<Shapes['QuarantinePage']>(`/v1/quarantine?${query}`);
  return (
    <>
      <h1>{t('nav.quarantine')}</h1>
      <p class="quiet">{t('quarantine.lead')}</p>
      <Loaded data={rows}>
        {(page) => (
          <>
            {page.items.length ? <SetAside rows={page.items} /> : <Empty>{t('quarantine.none')}</Empty>}
            <Pages page={page} />
          </>
        )}
      </Loaded>
    </>
  );
}

export function SetAside({ rows }: { rows: readonly Row[] }): JSX.Element {
  const columns = [t('conflict.learner'), t('devices.label'), t('quarantine.reason'), t('quarantine.bytes'), t('quarantine.since')];
  return (
    <Table label={t('nav.quarantine')} columns={columns.map((title) => ({ title }))}>
      {rows.map((row) => (
        <tr key={row.id}>
          <td>
            <a href={`/trainer/learners/${row.learner.id}`}>{row.learner.name}</a>
          </td>
          <td>
            <a href={`/admin/devices/${row.device}`}>{row.device.slice(0, 8)}</a>
          </td>
          <td>
            {tCode('reason', row.reason)} <span class="quiet">{row.course}</span>
          </td>
          <td>
            {size(row.bytes)} <code dir="ltr">{row.body}</code>
          </td>
          <td>
            <Ago ms={row.since_ms} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
