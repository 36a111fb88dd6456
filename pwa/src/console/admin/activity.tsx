/** Learners active on each day, drawn as bars and told as a table. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { Empty, Table } from '../parts.tsx';
import { day, number, t } from '../words.ts';

type Day = Shapes['DailyActivity'];
const HEIGHT = 120;
const BAR = 16;
const GAP = 6;

export function Activity({ days }: { days: readonly Day[] }): JSX.Element {
  if (!days.length) return <Empty>{t('today.noActivity')}</Empty>;
  return (
    <>
      <Bars days={byDay(days)} />
      <details>
        <summary>{t('today.table')}</summary>
        <Table label={t('today.activity')} columns={['day', 'course', 'learners', 'minutes'].map((name) => ({ title: t(`today.${name}` as 'today.day') }))}>
          {days.map((row) => (
            <tr key={row.day + row.course}>
              <th scope="row">{day(row.day)}</th>
              <td>{row.course}</td>
              <td>{number(row.learners)}</td>
              <td>{number(Math.round(row.seconds / 60))}</td>
            </tr>
          ))}
        </Table>
      </details>
    </>
  );
}

function byDay(rows: readonly Day[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(row.day, Math.max(sums.get(row.day) ?? 0, row.learners));
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
}

function Bars({ days }: { days: readonly [string, number][] }): JSX.Element {
  const most = Math.max(...days.map(([, count]) => count), 1);
  const width = Math.max(days.length * (BAR + GAP), 240);
  const [first, last] = [days[0]?.[0] ?? '', days.at(-1)?.[0] ?? ''];
  return (
    <figure class="bars">
      <svg viewBox={`0 0 ${width} ${HEIGHT + 4}`} width={width} height={HEIGHT + 4} role="img" aria-label={t('today.activity')}>
        {days.map(([name, count], place) => (
          <rect x={place * (BAR + GAP)} y={HEIGHT - (count / most) * HEIGHT} width={BAR} height={(count / most) * HEIGHT} rx="2">
            <title>{`${day(name)}: ${number(count)}`}</title>
          </rect>
        ))}
      </svg>
      <figcaption class="quiet">
        {day(first)} – {day(last)} · ↑ {number(most)}
      </figcaption>
    </figure>
  );
}
