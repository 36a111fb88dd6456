/** The learner's words: which language, and how it says messages and the texts that courses carry.
 *
 * The language is set before the first screen is drawn and again whenever the snapshot changes it; the whole app is
 * then drawn anew, so a module variable is enough. */

import type { ProblemCode, Text } from '../model.ts';
import { ar } from './ar.ts';
import { en, type Key } from './en.ts';
import type { Entry } from './entry.ts';

export type { Key };
type Fill = Readonly<Record<string, string | number>>;

export const TABLES: Readonly<Record<string, Readonly<Record<Key, Entry>>>> = { en, ar };
const FALLBACK = 'en';
/** Of the languages that courses come in, those written from right to left. */
const RIGHT_TO_LEFT = /^(ar|fa|he|ur|ps|sd|ckb|dv|ug|yi)\b/;

let spoken = FALLBACK;

/** The language that the learner chose; courses may know it although the app's own words do not. */
export const language = (): string => spoken;
const tableName = (wanted: string): string => (wanted in TABLES ? wanted : (wanted.split('-')[0] ?? ''));
/** The language that the app's own words are in. */
export const wordsLanguage = (): string => (tableName(spoken) in TABLES ? tableName(spoken) : FALLBACK);
export const direction = (of: string): 'rtl' | 'ltr' => (RIGHT_TO_LEFT.test(of) ? 'rtl' : 'ltr');

export function speak(wanted: string): void {
  spoken = wanted || FALLBACK;
}

/** A message with its `{names}` filled in; numbers are written in the language's own way. */
export function t(key: Key, fill: Fill = {}): string {
  const table = TABLES[wordsLanguage()] ?? en;
  return formOf(table[key], fill['n']).replace(/\{(\w+)\}/g, (_, name: string) => written(fill[name] ?? ''));
}

function formOf(entry: Entry, n: string | number | undefined): string {
  if (typeof entry === 'string') return entry;
  return entry[new Intl.PluralRules(wordsLanguage()).select(Number(n))] ?? entry.other;
}

const written = (value: string | number): string =>
  typeof value === 'number' ? new Intl.NumberFormat(wordsLanguage()).format(value) : value;

/** What happened, and what to do about it. */
export const problemWords = (code: ProblemCode): { what: string; todo: string } => ({
  what: t(`problem.${code}`),
  todo: t(`problem.${code}Do`),
});

/** The learner's language if the text has it, the language of the course if not. */
export function languageOf(text: Text): string {
  const has = Object.keys(text);
  const near = spoken.split('-')[0] ?? '';
  return [spoken, near].find((wanted) => has.includes(wanted)) ?? has[0] ?? FALLBACK;
}

export const said = (text: Text): string => text[languageOf(text)] ?? '';
