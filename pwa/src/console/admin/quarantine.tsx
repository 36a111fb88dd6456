/** What could not be trusted or understood: whose, why, and its first bytes. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { Ago, Choose, Empty, Loaded, Pages, SaveFile, Search, Table } from '../parts.tsx';
import { usePlace } from '../place.ts';
import { size, t, tCode } from '../words.ts';

type Row = Shapes['QuarantineRow'];

export function Quarantine(): JSX.Element {
  const { query } = usePlace();
  const narrowed = query.has('reason') || query.has('search');
  const rows = useData<Shapes['QuarantinePage']>(`/v1/quarantine?${query}`);
  return (
    <>
      <div class="head">
        <h1>{t('nav.quarantine')}</h1>
        <SaveFile path={`/v1/quarantine.csv?${query}`} />
      </div>
      <p class="quiet">{t('quarantine.lead')}</p>
      <div class="filters">
        <Search label={t('quarantine.search')} />
        <Reasons reasons={rows.value?.reasons ?? []} />
      </div>
      <Loaded data={rows}>
        {(page) => (
          <>
            {page.items.length ? <SetAside rows={page.items} /> : <Empty>{t(narrowed ? 'quarantine.noMatch' : 'quarantine.none')}</Empty>}
            <Pages page={page} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Reasons({ reasons }: { reasons: readonly string[] }): JSX.Element {
  const options = reasons.map((value) => ({ value, label: tCode('reason', value) }));
  return <Choose label={t('quarantine.reason')} name="reason" options={[{ value: '', label: t('quarantine.all') }, ...options]} />;
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
            {size(row.bytes)}
            <details>
              <summary>{t('quarantine.look')}</summary>
              <code dir="ltr">{row.body}</code>
            </details>
          </td>
          <td>
            <Ago ms={row.since_ms} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
