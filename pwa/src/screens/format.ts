/** Numbers, sizes, times and dates as the learner's language writes them. */

import { language, t, wordsLanguage, type Key } from '../strings/words.ts';

const UNITS = ['kilobyte', 'megabyte', 'gigabyte'] as const;
const STEP = 1000; // as data is sold
const NO_BREAK = '\u00a0'; // a number and its unit stay on one line
const SECONDS = { minute: 60, hour: 3600, day: 86_400 } as const;
const RECENT_DAYS = 7;

export const number = (value: number, options?: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(wordsLanguage(), options).format(value);

/** A whole percentage that says 100 only when nothing is missing. */
export const percent = (part: number, whole: number): string =>
  number(whole ? Math.min(1, Math.floor((part / whole) * 100) / 100) : 0, { style: 'percent' });

/** How many points of how many, from thousandths of a point. */
export const scored = (words: Key, score: number, max: number): string =>
  t(words, { score: number(score / 1000, { maximumFractionDigits: 2 }), n: max / 1000 });

export function size(bytes: number): string {
  let place = 0;
  let value = bytes / STEP;
  // 999.6 would be written as 1,000, which is one of the next unit.
  while (value >= STEP - 0.5 && place < UNITS.length - 1) {
    value /= STEP;
    place += 1;
  }
  const digits = value < 10 ? 1 : 0;
  const options = { style: 'unit', unit: UNITS[place], unitDisplay: 'short', maximumFractionDigits: digits } as const;
  return number(value, options).replace(/ /g, NO_BREAK);
}

/** A place in a video, as 4:05 or 1:02:03. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => number(value, { minimumIntegerDigits: 2 });
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const rest = two(whole % 60);
  return hours ? `${number(hours)}:${two(minutes)}:${rest}` : `${number(minutes)}:${rest}`;
}

/** "5 minutes ago", "yesterday"; older than a week, the date. */
export function ago(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const relative = new Intl.RelativeTimeFormat(wordsLanguage(), { numeric: 'auto' });
  const past = Math.abs(seconds);
  if (past < SECONDS.minute) return relative.format(0, 'second');
  if (past < SECONDS.hour) return relative.format(Math.trunc(seconds / SECONDS.minute), 'minute');
  if (past < SECONDS.day) return relative.format(Math.trunc(seconds / SECONDS.hour), 'hour');
  if (past < RECENT_DAYS * SECONDS.day) return relative.format(Math.trunc(seconds / SECONDS.day), 'day');
  return new Intl.DateTimeFormat(wordsLanguage(), { dateStyle: 'medium' }).format(at);
}

/** Whole minutes, never less than one, that `bytes` take at `megabits` a second. */
export const minutesFor = (bytes: number, megabits: number): number =>
  Math.max(1, Math.ceil((bytes * 8) / (megabits * 1_000_000) / 60));

/** A language by its own name, so that whoever reads it finds it. */
export const languageName = (of: string, as = of): string => {
  try {
    return new Intl.DisplayNames([as, language()], { type: 'language' }).of(of) ?? of;
  } catch {
    return of;
  }
};
