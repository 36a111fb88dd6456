/** The pieces that every console page is made of. */

import type { ComponentChildren, JSX } from 'preact';
import type { Refused, Shapes } from './api.ts';
import type { Data } from './data.ts';
import { go, withQuery } from './place.ts';
import { ago, date, number, percent, say, t, type Language } from './words.ts';
import type { Key } from './strings/en.ts';

/** What was read, once it is there; until then, and when it cannot be had, words that say so. */
export function Loaded<T>({ data, children }: { data: Data<T>; children: (value: T) => ComponentChildren }): JSX.Element {
  if (data.value !== undefined) {
    return (
      <>
        {data.problem && <Trouble problem={data.problem} again={data.again} />}
        {children(data.value)}
      </>
    );
  }
  return data.problem ? <Trouble problem={data.problem} again={data.again} /> : <p role="status">{t('loading')}</p>;
}

export function Trouble({ problem, again }: { problem: Refused; again?: () => void }): JSX.Element {
  const words = problem.status === 0 ? t('problem.offline') : wordsFor(problem);
  return (
    <div class="trouble" role="alert">
      <p>{words}</p>
      {again && <button onClick={again}>{t('problem.again')}</button>}
    </div>
  );
}

function wordsFor({ status, code, message }: Refused): string {
  if (status === 403) return t('problem.notAllowed');
  return code === 'only_upstream' ? t('problem.onlyUpstream') : message;
}

/** A text of a course within a line: its own direction stays its own. */
export const Said = ({ text }: { text: Parameters<typeof say>[0] }): JSX.Element => <bdi>{say(text)}</bdi>;

export const Empty = ({ children }: { children: ComponentChildren }): JSX.Element => <p class="empty">{children}</p>;

export const Ago = ({ ms }: { ms: number | null | undefined }): JSX.Element =>
  ms ? (
    <time dateTime={new Date(ms).toISOString()} title={date(ms)}>
      {ago(ms)}
    </time>
  ) : (
    <span class="quiet">{t('never')}</span>
  );

/** A line that fills, with its number beside it. */
export function Progress({ part, whole, label }: { part: number; whole: number; label: string }): JSX.Element {
  return (
    <span class="progress">
      <progress value={part} max={whole || 1} aria-label={label} />
      <span aria-hidden="true">{percent(part, whole)}</span>
    </span>
  );
}

/** Three stacked tins, top to bottom immediate, batched, eventual: open where something waits. */
export function Tins({ waiting }: { waiting: Shapes['Waiting'] }): JSX.Element {
  const tiers = [waiting.immediate ?? 0, waiting.batched ?? 0, waiting.eventual ?? 0] as const;
  const total = tiers[0] + tiers[1] + tiers[2];
  const [immediate, batched, eventual] = tiers;
  const label = total ? t('waiting.title', { immediate, batched, eventual }) : t('waiting.nothing');
  return (
    <span class="tins" title={label}>
      <svg viewBox="0 0 24 30" width="24" height="30" role="img" aria-label={label}>
        {tiers.map((count, row) => (
          <rect class={count ? 'tin waits' : 'tin'} x="3" y={3 + row * 9} width="18" height="7" rx="2" />
        ))}
      </svg>
      {total > 0 && <span aria-hidden="true">{number(total)}</span>}
    </span>
  );
}

export interface Column {
  readonly title: string;
  /** The API's name for ordering by this column; absent: not sortable. */
  readonly order?: string;
}

/** A table in a frame that scrolls by itself; its titles sort, by mouse and by keyboard. */
export function Table({ label, columns, children }: { label: string; columns: readonly Column[]; children: ComponentChildren }): JSX.Element {
  return (
    <div class="table" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <Title key={column.title} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function Title({ column }: { column: Column }): JSX.Element {
  const query = new URLSearchParams(location.search);
  const isOrder = column.order !== undefined && query.get('order') === column.order;
  const descending = isOrder && query.get('descending') === 'true';
  if (!column.order) return <th scope="col">{column.title}</th>;
  const next = { order: column.order, descending: isOrder && !descending ? 'true' : '', offset: '' };
  return (
    <th scope="col" aria-sort={isOrder ? (descending ? 'descending' : 'ascending') : 'none'}>
      <button class="sort" onClick={() => go(withQuery(next), { replace: true })}>
        {column.title} <span aria-hidden="true">{isOrder ? (descending ? '▾' : '▴') : '↕'}</span>
      </button>
    </th>
  );
}

/** Which rows of how many, and the way to the others. */
export function Pages({ page }: { page: { total: number; offset: number; limit: number } }): JSX.Element | null {
  if (page.total <= page.limit) return null;
  const to = Math.min(page.offset + page.limit, page.total);
  const turn = (offset: number) => () => go(withQuery({ offset: offset > 0 ? String(offset) : '' }));
  return (
    <nav class="pages">
      <button disabled={page.offset === 0} onClick={turn(page.offset - page.limit)}>
        {t('table.previous')}
      </button>
      <span role="status">{t('table.range', { from: page.offset + 1, to, total: page.total })}</span>
      <button disabled={to >= page.total} onClick={turn(page.offset + page.limit)}>
        {t('table.next')}
      </button>
    </nav>
  );
}

/** Narrows a list as one types; the address remembers, so that a list can be bookmarked and shown to others. */
export function Search({ label }: { label: string }): JSX.Element {
  const value = new URLSearchParams(location.search).get('search') ?? '';
  return (
    <label class="field">
      <span>{t('table.search')}</span>
      <input
        type="search"
        placeholder={label}
        value={value}
        onInput={(event) => go(withQuery({ search: event.currentTarget.value, offset: '' }), { replace: true })}
      />
    </label>
  );
}

/** The list as a file, with the search and the filter that it stands under. */
export const SaveFile = ({ path }: { path: string }): JSX.Element => (
  <a class="button" href={path} download>
    {t('table.file')}
  </a>
);

export interface Option {
  readonly value: string;
  readonly label: string;
}

interface Choice {
  readonly label: string;
  readonly name: string;
  readonly options: readonly Option[];
  /** What of the address goes with the old choice. */
  readonly clears?: string;
}

export function Choose({ label, name, options, clears }: Choice): JSX.Element {
  const value = new URLSearchParams(location.search).get(name) ?? '';
  const choose = (chosen: string) => go(withQuery({ ...(clears && { [clears]: '' }), [name]: chosen, offset: '' }), { replace: true });
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A mark whose shape says what its colour says. `out`: it does not count. */
export const Mark = ({ kind, children }: { kind: 'good' | 'wait' | 'bad' | 'none' | 'out'; children: ComponentChildren }): JSX.Element => (
  <span class={`mark ${kind}`}>{children}</span>
);

const FIELDS: Readonly<Record<string, Key>> = {
  state: 'field.state',
  position: 'field.position',
  watched: 'field.watched',
  bookmark: 'field.bookmark',
  note: 'field.note',
  answer: 'field.answer',
};

export const fieldName = (field: string): string => (FIELDS[field] ? t(FIELDS[field]) : field);

/** When files are asked for: a browser tells of another choice alone, and a file may have changed since. */
export const chooseAnew = (event: { currentTarget: HTMLInputElement }): void => void (event.currentTarget.value = '');

export const isLanguage = (value: string): value is Language => value === 'en' || value === 'ar';
