import { expect, test } from 'vitest';
import { joined, REPORT_SECONDS, Watching, type Stretch } from '../../src/screens/stretches.ts';

function watched(play: (watching: Watching) => void): Stretch[] {
  const reported: Stretch[] = [];
  const watching = new Watching((from, to) => reported.push([from, to]));
  play(watching);
  watching.stops();
  return reported;
}

test('stretches that touch become one, others stay apart and in order', () => {
  expect(joined([[10, 20], [40, 50]], [20, 30])).toEqual([[10, 30], [40, 50]]);
  expect(joined([[10, 20]], [0, 5])).toEqual([[0, 5], [10, 20]]);
  expect(joined([[0, 100]], [10, 20])).toEqual([[0, 100]]);
});

test('playing on is one stretch', () => {
  expect(watched((watching) => [3, 3.25, 3.5, 4, 5].forEach((at) => watching.plays(at)))).toEqual([[3, 5]]);
});

test('a jump ends one stretch and begins another; what was jumped over was not watched', () => {
  expect(watched((watching) => [0, 1, 2, 60, 61].forEach((at) => watching.plays(at)))).toEqual([[0, 2], [60, 61]]);
});

test('watching again from earlier counts from there', () => {
  expect(watched((watching) => [10, 11, 4, 5].forEach((at) => watching.plays(at)))).toEqual([[10, 11], [4, 5]]);
});

test('a glance is not a stretch', () => {
  expect(watched((watching) => watching.plays(7))).toEqual([]);
});

test('long playing is reported as it goes, without a gap', () => {
  const stretches = watched((watching) => {
    for (let at = 0; at <= 2 * REPORT_SECONDS + 5; at += 1) watching.plays(at);
  });

  expect(stretches).toEqual([[0, 15], [15, 30], [30, 35]]);
});
