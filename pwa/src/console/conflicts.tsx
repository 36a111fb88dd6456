/** Settled conflicts: what met, whose it was, which rule settled it, and what came of it. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Shapes } from './api.ts';
import { Ago, fieldName, Mark, Table } from './parts.tsx';
import { Reason, Saying, text } from './saying.tsx';
import { Dialog } from './trainer/new_learner.tsx';
import { duration, t, tCode } from './words.ts';

type Conflict = Shapes['ConflictRow'];
type Value = { value: unknown; actor: string; won: boolean };

const ACTOR_CHARACTERS = 6;

interface ConflictsProps {
  readonly rows: readonly Conflict[];
  /** Whose they are, where they are of several learners. */
  readonly learners?: boolean;
  /** Called when one was overruled; without it none can be. */
  readonly onSaid?: () => void;
}

export function Conflicts({ rows, learners = false, onSaid }: ConflictsProps): JSX.Element {
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
          <td>
            {shownValue(row.field, row.outcome)}
            {row.overruled && (
              <p class="quiet">{t('conflict.overruled', { name: row.overruled.by.name, reason: row.overruled.reason })}</p>
            )}
            {onSaid && <Overruling row={row} onSaid={onSaid} />}
          </td>
          <td>
            <Ago ms={row.settled_ms} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** One of the values that met, put in the place of them all. */
function Overruling({ row, onSaid }: { row: Conflict; onSaid: () => void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const said = () => {
    setOpen(false);
    onSaid();
  };
  return (
    <>
      <button onClick={() => setOpen(true)}>{t('conflict.overrule')}</button>
      {open && (
        <Dialog title={t('conflict.overrule')} onClose={() => setOpen(false)}>
          <p>{t('conflict.overruleLead')}</p>
          <Saying
            label={t('conflict.overrule')}
            path={`/v1/conflicts/${row.id}/overrule`}
            body={(fields) => ({ survivor: Number(text(fields, 'survivor')), reason: text(fields, 'reason') })}
            onSaid={said}
          >
            {(row.survivors as unknown as Value[]).map((one, place) => (
              <label key={place} class="check">
                <input type="radio" name="survivor" value={String(place)} required />
                {shownValue(row.field, stampless(row.field, one.value))}
              </label>
            ))}
            <Reason />
            <button class="main">{t('conflict.overrule')}</button>
          </Saying>
        </Dialog>
      )}
    </>
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
