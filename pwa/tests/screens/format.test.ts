import { beforeEach, expect, test } from 'vitest';
import { ago, clock, languageName, minutesFor, percent, scored, size } from '../../src/screens/format.ts';
import { speak } from '../../src/strings/words.ts';

beforeEach(() => speak('en'));
const plain = (text: string) => text.replace(/\u00a0/g, ' ');

test('a size is said in the unit that keeps it short', () => {
  const sizes = [0, 410, 2_100, 340_000, 999_600, 8_900_000, 48_200_000, 1_200_000_000];

  expect(sizes.map(size).map(plain)).toEqual(['0 kB', '0.4 kB', '2.1 kB', '340 kB', '1 MB', '8.9 MB', '48 MB', '1.2 GB']);
});

test('a number is never parted from its unit at the end of a line', async () => {
  expect(size(48_200_000)).not.toContain(' ');
  await speak('ar');
  expect(size(48_200_000)).not.toContain(' ');
});

test('a percentage says 100 only when all is there', () => {
  expect([percent(999, 1000), percent(1000, 1000), percent(5, 0)]).toEqual(['99%', '100%', '0%']);
});

test('points are written from thousandths, and counted as the language counts', async () => {
  const written = () => [[3500, 8000], [667, 1000]].map(([score, max]) => scored('result.points', score!, max!));
  expect(written()).toEqual(['3.5 of 8 points', '0.67 of 1 point']);
  await speak('ar');
  expect(written()).toEqual(['3.5 من 8 نقاط', '0.67 من نقطة واحدة']);
});

test('a place in a video reads like a clock', () => {
  expect([0, 65.9, 3_723, -1].map(clock)).toEqual(['0:00', '1:05', '1:02:03', '0:00']);
});

test('times that passed are told as people tell them', () => {
  const now = Date.UTC(2026, 5, 20, 12);
  const before = (seconds: number) => ago(now - seconds * 1000, now);

  expect([5, 300, 7_200, 86_400 * 1.2].map(before)).toEqual(['now', '5 minutes ago', '2 hours ago', 'yesterday']);
  expect(before(86_400 * 20)).toBe('May 31, 2026');
});

test('fetching takes at least a minute, and longer ones are rounded up', () => {
  expect([minutesFor(1000, 10), minutesFor(8_900_000, 1), minutesFor(63_000_000, 0.4)]).toEqual([1, 2, 21]);
});

test('a language is named by itself, and a code that is none is shown as it is', () => {
  const names = ['ar', 'en', 'not a language'].map((of) => languageName(of));

  expect(names).toEqual(['العربية', 'English', 'not a language']);
});
