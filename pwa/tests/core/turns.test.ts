import { beforeEach, expect, test, vi } from 'vitest';
import { Turns } from '../../src/core/exchange/turns.ts';

const listeners = new Map<string, () => void>();
const page = { visibilityState: 'visible', addEventListener: (event: string, listener: () => void) => listeners.set(event, listener) };
const line = { onLine: true };
let exchanges = 0;
let turns: Turns;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_790_000_000_000 });
  vi.stubGlobal('navigator', line);
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', page.addEventListener);
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  line.onLine = true;
  exchanges = 0;
  turns = new Turns(async () => void exchanges++);
  turns.begin();
  return () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  };
});

const look = () => listeners.get('visibilitychange')!();

test('a failure waits at random up to twice as long each time, a quarter of an hour at most', () => {
  const waits = Array.from({ length: 12 }, () => {
    turns.failed('offline', 0);
    const before = Date.now();
    vi.advanceTimersToNextTimer();
    return Date.now() - before;
  });

  expect(waits.slice(0, 4)).toEqual([2_000, 4_000, 8_000, 16_000]);
  expect(waits.at(-1)).toBe(450_000);
  expect(exchanges).toBe(12);
});

test('what the server asks to wait is waited, also by a hand-in', () => {
  turns.failed('busy', 30);
  turns.handedIn();

  vi.advanceTimersByTime(30_000);
  expect(exchanges).toBe(0);
  vi.advanceTimersByTime(2_000);

  expect(exchanges).toBe(1);
});

test('a hand-in does not wait for lesser things that the server put off, and does when it was put off itself', () => {
  turns.succeeded(180, false);
  turns.handedIn();
  expect(exchanges).toBe(1);

  turns.succeeded(180, true);
  turns.handedIn();
  expect(exchanges).toBe(1);
  vi.advanceTimersByTime(182_000);
  expect(exchanges).toBe(2);
});

test('after a success a hand-in goes at once, and looking at the app again does not', () => {
  turns.succeeded(0, false);

  look();
  expect(exchanges).toBe(0);
  turns.soon();
  expect(exchanges).toBe(1);
  vi.advanceTimersByTime(60_000);
  look();

  expect(exchanges).toBe(2);
});

test('what came up meanwhile goes by itself, when it is welcome', () => {
  turns.succeeded(20, true);

  vi.advanceTimersByTime(20_000);
  expect(exchanges).toBe(0);
  vi.advanceTimersByTime(1_000);

  expect(exchanges).toBe(1);
});

test('a network that comes is used soon, whatever failed before, but not before the server wants it', () => {
  for (let failure = 0; failure < 9; failure++) turns.failed('offline', 0);
  listeners.get('online')!();
  vi.advanceTimersByTime(1_000);
  expect(exchanges).toBe(1);

  turns.failed('busy', 60);
  listeners.get('online')!();
  vi.advanceTimersByTime(59_000);
  expect(exchanges).toBe(1);
  vi.advanceTimersByTime(1_000);

  expect(exchanges).toBe(2);
});

test('without a network nothing is tried', () => {
  line.onLine = false;

  turns.soon();
  turns.failed('offline', 0);
  vi.advanceTimersByTime(900_000);

  expect(exchanges).toBe(0);
});

test.each(['not_known_here', 'update_needed', 'unknown', 'phone_full'] as const)('%s is not mended by trying again and again', (problem) => {
  turns.failed(problem, 0);

  vi.advanceTimersByTime(900_000);
  expect(exchanges).toBe(0);
  look();

  expect(exchanges).toBe(1);
});
