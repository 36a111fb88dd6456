/** Learners active on each day, drawn as bars and told as a table. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { Empty, Table } from '../parts.tsx';
import { day, number, t } from '../words.ts';

type Day = Shapes['DailyActivity'];
const HEIGHT = 120;
const BAR = 16;
const GAP = 6;
const ROOM = 20; // above for the number, below for the days
const WEEK = 7;
const DAY_MS = 86_400_000;

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
              <td>{row.course || t('today.all')}</td>
              <td>{number(row.learners)}</td>
              <td>{number(Math.round(row.seconds / 60))}</td>
            </tr>
          ))}
        </Table>
      </details>
    </>
  );
}

/** Every day from the first to the last, also those on which nothing was done: a gap is to be seen as one. */
function byDay(rows: readonly Day[]): [string, number][] {
  const counts = new Map(rows.filter((row) => row.course === '').map((row) => [row.day, row.learners]));
  const names = [...counts.keys()].sort();
  const last = Date.parse(names.at(-1) ?? '');
  const days: [string, number][] = [];
  for (let at = Date.parse(names[0] ?? ''); at <= last; at += DAY_MS) {
    const name = new Date(at).toISOString().slice(0, 10);
    days.push([name, counts.get(name) ?? 0]);
  }
  return days;
}

/** The bars' number stands over the first of each week and over the highest; a line marks the middle of the scale. */
function Bars({ days }: { days: readonly [string, number][] }): JSX.Element {
  const most = Math.max(...days.map(([, count]) => count), 1);
  const width = Math.max(days.length * (BAR + GAP), 240);
  const top = (count: number) => ROOM + HEIGHT - (count / most) * HEIGHT;
  const said = t('today.activityIs', { first: day(days[0]?.[0] ?? ''), last: day(days.at(-1)?.[0] ?? ''), most });
  return (
    <figure class="bars" tabIndex={0}>
      <svg viewBox={`0 0 ${width} ${HEIGHT + 2 * ROOM}`} role="img" aria-label={said}>
        {days.map(([name, count], place) => (
          <g key={name}>
            <rect x={place * (BAR + GAP)} y={top(count)} width={BAR} height={HEIGHT + ROOM - top(count)} rx="2">
              <title>{`${day(name)}: ${number(count)}`}</title>
            </rect>
            {place % WEEK === 0 && (
              <text x={place * (BAR + GAP)} y={HEIGHT + 2 * ROOM - 4}>
                {day(name)}
              </text>
            )}
            {count === most && place === days.findIndex(([, other]) => other === most) && (
              <text x={place * (BAR + GAP) + BAR / 2} y={top(count) - 4} text-anchor="middle">
                {number(count)}
              </text>
            )}
          </g>
        ))}
      </svg>
      <figcaption class="quiet">{said}</figcaption>
    </figure>
  );
}
