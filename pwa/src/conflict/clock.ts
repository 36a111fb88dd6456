/** The hybrid logical clock: wall time where clocks agree, causal order where they do not. The same as
 * `conflict/clock.py`. Source: Kulkarni, Demirbas et al., "Logical Physical Clocks", 2014, figure 5. */

import { Reader } from '../codec/index.ts';
import { readNumber, writeNumber } from './packed.ts';

const ANCHOR_AGE_MAX_SECONDS = 400 * 86_400; // a phone may stay away for a year; beyond that its clock is not believed

/** Unix seconds, logical counter. */
export type Stamp = readonly [seconds: number, counter: number];

export const NEVER: Stamp = [0, 0];

export const byStamp = (a: Stamp, b: Stamp): number => a[0] - b[0] || a[1] - b[1];

/** The stamp of a local event: later than every stamp made or seen before. */
export const tick = (last: Stamp, wallSeconds: number): Stamp =>
  wallSeconds > last[0] ? [wallSeconds, 0] : [last[0], last[1] + 1];

/** The clock after a stamp of another device was seen. */
export function receive(last: Stamp, seen: Stamp, wallSeconds: number): Stamp {
  const seconds = Math.max(last[0], seen[0], wallSeconds);
  const counters = [last, seen].filter((stamp) => stamp[0] === seconds).map((stamp) => stamp[1]);
  return [seconds, counters.length ? Math.max(...counters) + 1 : 0];
}

/** Wall time as far as it can be believed: not before the server's last word, not more than a year behind it. */
export const bounded = (wallSeconds: number, anchorSeconds: number): number =>
  Math.min(Math.max(wallSeconds, anchorSeconds), anchorSeconds + ANCHOR_AGE_MAX_SECONDS);

export const writeStamp = (stamp: Stamp): number[] => [...writeNumber(stamp[0]), ...writeNumber(stamp[1])];

export const readStamp = (reader: Reader): Stamp => [readNumber(reader), readNumber(reader)];
