/** Stretches of a video that were watched: whole seconds, sorted, apart, half open. The same as
 * `conflict/intervals.py`. Packed as pairs (gap since the end of the one before, length). */

import { Reader } from '../codec/index.ts';
import { MalformedValue, readNumber, writeNumber } from './packed.ts';

export type Interval = readonly [from: number, to: number];

const INTERVALS_MAX = 2_000; // a video of an hour, watched in stretches of two seconds

/** Every second of any of them, once. Empty and reversed ones are left out. */
export function union(intervals: readonly Interval[]): Interval[] {
  const merged: [number, number][] = [];
  for (const [from, to] of intervals.filter(([a, b]) => a < b).sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

export const totalSeconds = (intervals: readonly Interval[]): number =>
  union(intervals).reduce((sum, [from, to]) => sum + to - from, 0);

export function writeIntervals(intervals: readonly Interval[]): Uint8Array {
  let before = 0;
  return Uint8Array.from(union(intervals).flatMap(([from, to]) => {
    const pair = [...writeNumber(from - before), ...writeNumber(to - from)];
    before = to;
    return pair;
  }));
}

export function readIntervals(raw: Uint8Array): Interval[] {
  const reader = new Reader(raw);
  const intervals: Interval[] = [];
  for (let at = 0; reader.left;) {
    const from = at + readNumber(reader);
    at = from + readNumber(reader);
    intervals.push([from, at]);
    if (intervals.length > INTERVALS_MAX || !Number.isSafeInteger(at)) throw new MalformedValue('too many stretches');
  }
  return union(intervals);
}
