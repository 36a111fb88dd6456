/** Settled conflicts: what met, whose it was, which rule settled it, and what came of it. */

import type { JSX } from 'preact';
import type { Shapes } from './api.ts';
import { Ago, fieldName, Mark, Table } from './parts.tsx';
import { duration, t, tCode } from './words.ts';

type Conflict = Shapes['ConflictRow'];
type Value = { value: unknown; actor: string; won: boolean };

const ACTOR_CHARACTERS = 6;

export function Conflicts({ rows, learners = false }: { rows: readonly Conflict[]; learners?: boolean }): JSX.Element {
  const columns = [
    ...(learners ? [{ title: t('conflict.learner') }] : []),
    { title: t('conflict.what') },
    { title: t('conflict.rule') },
    { title: t('conflict.value') },
    { title: t('conflict.kept') },
    { title: t('conflict.when') },
  ];
  return (
    <Table label={t('learner.conflicts')} columns={columns}>
      {rows.map((row) => (
        <tr key={row.id}>
          {learners && (
            <td>
              <a href={`/trainer/learners/${row.learner.id}`}>{row.learner.name}</a>
            </td>
          )}
          <td>
            {fieldName(row.field)} <span class="quiet">{row.activity}</span>
          </td>
          <td>
            {tCode('rule', row.rule)} <span class="quiet">v{row.rule_version}</span>
          </td>
          <td>
            <Values row={row} />
          </td>
          <td>{shownValue(row.field, row.outcome)}</td>
          <td>
            <Ago ms={row.settled_ms} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Values({ row }: { row: Conflict }): JSX.Element {
  return (
    <ul class="values">
      {(row.survivors as unknown as Value[]).map((one) => (
        <li key={one.actor}>
          {shownValue(row.field, stampless(row.field, one.value))}{' '}
          <span class="quiet" title={`${t('conflict.by')} ${one.actor}`}>
            {one.actor.slice(0, ACTOR_CHARACTERS)}
          </span>{' '}
          {one.won && <Mark kind="good">{t('conflict.won')}</Mark>}
        </li>
      ))}
    </ul>
  );
}

/** Positions and drafts stand behind the clock stamp that decided between them. */
const stampless = (field: string, value: unknown): unknown =>
  (field === 'position' || field === 'answer') && Array.isArray(value) ? (value as unknown[])[1] : value;

const STATES = ['state.not_started', 'state.in_progress', 'state.completed'] as const;

function shownValue(field: string, value: unknown): string {
  if (field === 'state' && typeof value === 'number') return t(STATES[value] ?? 'unknown');
  if (field === 'position' && typeof value === 'number') return duration(value);
  if (field === 'watched' && Array.isArray(value)) {
    return (value as [number, number][]).map(([from, to]) => `${duration(from)}–${duration(to)}`).join(', ');
  }
  if (Array.isArray(value)) return (value as unknown[]).map(String).join(' · ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
