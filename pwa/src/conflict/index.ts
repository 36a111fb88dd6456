/** What concurrent work means: pure rules, the same as the server's `conflict/`. */

export { standing, type Attempt, type Judged, type Policy, type Standing } from './attempts.ts';
export { bounded, NEVER, readStamp, receive, tick, writeStamp, type Stamp } from './clock.ts';
export { readIntervals, totalSeconds, union, writeIntervals, type Interval } from './intervals.ts';
export { MalformedValue } from './packed.ts';
export { COMPLETED, fold, IN_PROGRESS, writeAnswer, writePosition, type Folded } from './rules.ts';
