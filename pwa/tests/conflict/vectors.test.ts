import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/codec/index.ts';
import { bounded, fold, readIntervals, receive, tick, totalSeconds, union, writeIntervals, writeStamp, type Interval, type Stamp } from '../../src/conflict/index.ts';
import { scalar, vectors, type Plain } from '../vectors.ts';

test('every fold is the server\'s', () => {
  for (const { key, survivors, value, rule, version, settled } of vectors<{ key: string; survivors: [number, string, Plain][]; value: unknown; rule: string; version: number; settled: boolean }[]>('folds')) {
    const ordered = survivors
      .map(([counter, actor, put]) => ({ op: { counter, actor }, value: scalar(put) }))
      .sort((a, b) => a.op.counter - b.op.counter || (a.op.actor < b.op.actor ? -1 : 1));
    expect(fold(key, ordered), key).toEqual({ value, rule, version, settled });
  }
});

test('the clock ticks, meets and is bounded alike', () => {
  const clock = vectors<{ tick: [Stamp, number, Stamp][]; receive: [Stamp, Stamp, number, Stamp][]; bounded: [number, number, number][]; written: [Stamp, string][] }>('clock');
  for (const [last, wall, next] of clock.tick) expect(tick(last, wall)).toEqual(next);
  for (const [last, seen, wall, next] of clock.receive) expect(receive(last, seen, wall)).toEqual(next);
  for (const [wall, anchor, believed] of clock.bounded) expect(bounded(wall, anchor)).toBe(believed);
  for (const [stamp, hex] of clock.written) expect(toHex(Uint8Array.from(writeStamp(stamp)))).toBe(hex);
});

test('stretches unite and pack alike', () => {
  for (const one of vectors<{ intervals: Interval[]; union: Interval[]; seconds: number; packed: string; read: Interval[] }[]>('intervals')) {
    expect(union(one.intervals)).toEqual(one.union);
    expect(totalSeconds(one.intervals)).toBe(one.seconds);
    expect(toHex(writeIntervals(one.intervals))).toBe(one.packed);
    expect(readIntervals(fromHex(one.packed))).toEqual(one.read);
  }
});
