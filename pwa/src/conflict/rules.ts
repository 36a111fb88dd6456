/** The table of rules: what concurrent work means, field by field. The same as `conflict/rules.py`; both run
 * `tests/vectors/folds.json`. A value that some device wrote against the table is left out, never an error. */

import { Reader, text, type Survivor } from '../codec/index.ts';
import { byStamp, readStamp, writeStamp, type Stamp } from './clock.ts';
import { readIntervals, union, type Interval } from './intervals.ts';
import { MalformedValue, readNumber, writeNumber } from './packed.ts';

export const IN_PROGRESS = 1, COMPLETED = 2;
const NOTE_CHARACTERS_MAX = 4_000;

/** What a key reads as; `settled` says that its survivors disagreed. */
export interface Folded {
  readonly value: unknown;
  readonly rule: string;
  readonly version: number;
  readonly settled: boolean;
}

/** `read` takes a raw value apart or throws; `choose` folds what was read, oldest Lamport id first. */
interface Rule {
  readonly name: string;
  read(value: unknown): unknown;
  choose(read: readonly unknown[]): unknown;
}

/** What the survivors of a key amount to; null where there is nothing that can be read. They stand in Lamport order. */
export function fold(key: string, survivors: readonly Survivor[]): Folded {
  const rule = RULES.get(key.split('/', 1)[0]!) ?? OFFICIAL_WINNER;
  const read = survivors.flatMap(({ value }) => readable(rule, value));
  const value = read.length ? rule.choose(read) : null;
  return { value, rule: rule.name, version: 1, settled: read.some((one) => !same(one, read[0])) };
}

function readable(rule: Rule, value: unknown): unknown[] {
  try {
    return [rule.read(value)];
  } catch (error) {
    if (error instanceof MalformedValue) return [];
    throw error;
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function needs(is: boolean, what: string): void {
  if (!is) throw new MalformedValue(what);
}

function bytes(value: unknown): Reader {
  needs(value instanceof Uint8Array, 'packed bytes are expected here');
  return new Reader(value as Uint8Array);
}

function readPosition(value: unknown): [Stamp, number] {
  const reader = bytes(value);
  const place: [Stamp, number] = [readStamp(reader), readNumber(reader)];
  needs(!reader.left, 'bytes behind a position');
  return place;
}

function readAnswer(value: unknown): [Stamp, unknown] {
  const reader = bytes(value);
  const stamp = readStamp(reader);
  const answer = parsed(reader.take(reader.left));
  needs((Array.isArray(answer) ? answer : [answer]).every(isText), 'an answer is a text or an array of texts');
  return [stamp, answer];
}

function parsed(raw: Uint8Array): unknown {
  try {
    return JSON.parse(text(raw));
  } catch {
    throw new MalformedValue('an answer is JSON in UTF-8');
  }
}

/** JSON can escape half a character, which UTF-8 cannot write. */
const isText = (value: unknown): boolean => typeof value === 'string' && !/\p{Surrogate}/u.test(value);

/** By the hybrid logical clock; between equal stamps the later Lamport id, which stands behind. */
const latest = (read: readonly unknown[]): unknown =>
  (read as [Stamp, unknown][]).reduce((best, one) => byStamp(one[0], best[0]) < 0 ? best : one)[1];

const OFFICIAL_WINNER: Rule = { name: 'official_winner', read: (value) => value, choose: (read) => read.at(-1) };

/** A map: a key comes from anywhere, and every object knows a `constructor`. */
const RULES: ReadonlyMap<string, Rule> = new Map(Object.entries<Rule>({
  s: {
    name: 'furthest_along',
    read(value) {
      needs(value === IN_PROGRESS || value === COMPLETED, "a lesson's state is 1 or 2");
      return value;
    },
    choose: (read) => Math.max(...(read as number[])),
  },
  p: { name: 'latest', read: readPosition, choose: latest },
  w: {
    name: 'union',
    read: (value) => readIntervals(bytes(value).source),
    choose: (read) => union((read as Interval[][]).flat()),
  },
  b: {
    name: 'add_wins',
    read(value) {
      needs(value === true, 'a bookmark is true or absent');
      return value;
    },
    choose: () => true,
  },
  n: {
    name: 'keep_both',
    read(value) {
      needs(typeof value === 'string' && [...value].length <= NOTE_CHARACTERS_MAX, 'a note is a text of at most 4000 characters');
      return value;
    },
    choose: (read) => [...new Set(read)],
  },
  q: { name: 'latest', read: readAnswer, choose: latest },
}));

export const writePosition = (stamp: Stamp, seconds: number): Uint8Array =>
  Uint8Array.from([...writeStamp(stamp), ...writeNumber(seconds)]);

export const writeAnswer = (stamp: Stamp, answer: unknown): Uint8Array =>
  Uint8Array.from([...writeStamp(stamp), ...new TextEncoder().encode(JSON.stringify(answer))]);
