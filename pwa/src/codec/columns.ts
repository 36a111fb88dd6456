/** The columns of a change: run-length and delta encodings, each with one canonical form.
 *
 * Two and more equal values are a repetition, single ones gather in one literal run, absent ones are counted. A reader
 * is told how many values may come, so that a run of 2^60 costs nothing.
 * Source: Automerge binary format, "Column encodings". */

import { CodecError } from './errors.ts';
import { join, sleb, type Bytes, type Reader } from './leb.ts';

/** Values of a column until `reader` ends; an absent one is undefined. */
export function readRuns<T>(reader: Reader, read: () => T, limit: number): (T | undefined)[] {
  const values: (T | undefined)[] = [];
  while (reader.left) {
    const count = reader.sleb();
    const length = Math.abs(count) || reader.uleb();
    if (!length) throw new CodecError('Malformed', `an empty run before ${reader.at}`);
    fits(values.length + length, limit);
    const same = count > 0 ? read() : undefined;
    for (let index = 0; index < length; index++) values.push(count < 0 ? read() : same);
  }
  return values;
}

export function fits(count: number, limit: number): void {
  if (count > limit) throw new CodecError('OverLimit', `a column with more than ${limit} values`);
}

export function writeRuns<T>(values: readonly T[], write: (value: T) => ArrayLike<number>): Bytes {
  const out: ArrayLike<number>[] = [];
  let literal: ArrayLike<number>[] = [];
  const flush = () => {
    if (literal.length) out.push(sleb(-literal.length), ...literal);
    literal = [];
  };
  for (let at = 0, end; at < values.length; at = end) {
    const value = values[at]!;
    for (end = at + 1; end < values.length && values[end] === value;) end++;
    if (end === at + 1) literal.push(write(value));
    else {
      flush();
      out.push(sleb(end - at), write(value));
    }
  }
  flush();
  return join(out);
}

export function readDeltas(reader: Reader, limit: number): (number | undefined)[] {
  let total = 0;
  return readRuns(reader, () => reader.sleb(), limit).map((delta) => delta === undefined ? delta : total += delta);
}

export const writeDeltas = (values: readonly number[]): Bytes =>
  writeRuns(values.map((value, at) => value - (values[at - 1] ?? 0)), sleb);
