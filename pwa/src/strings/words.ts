/** The learner's words: which language, and how it says messages and the texts that courses carry.
 *
 * Each language's words are a file of their own, and a phone fetches those of its learner alone. They are read before
 * the first screen is drawn and again whenever the snapshot changes the language; the whole app is then drawn anew, so
 * module variables are enough. */

import type { ProblemCode, Text } from '../model.ts';
import type { Key } from './en.ts';
import type { Entry } from './entry.ts';

export type { Key };
type Fill = Readonly<Record<string, string | number>>;
type Words = Readonly<Record<Key, Entry>>;

const FILES: Readonly<Record<string, () => Promise<{ readonly words: Words }>>> = {
  en: () => import('./en.ts'),
  ar: () => import('./ar.ts'),
};
export const LANGUAGES = Object.keys(FILES);
const FALLBACK = 'en';
/** Of the languages that courses come in, those written from right to left. */
const RIGHT_TO_LEFT = /^(ar|fa|he|ur|ps|sd|ckb|dv|ug|yi)\b/;

let spoken = FALLBACK;
let inWords = FALLBACK;
let words: Words;

/** The language that the learner chose; courses may know it although the app's own words do not. */
export const language = (): string => spoken;
/** The language that the app's own words are in. */
export const wordsLanguage = (): string => inWords;
export const direction = (of: string): 'rtl' | 'ltr' => (RIGHT_TO_LEFT.test(of) ? 'rtl' : 'ltr');

/** Resolves once its words are here: of this language, else English, else whichever this phone has kept. */
export async function speak(wanted: string): Promise<void> {
  spoken = wanted || FALLBACK;
  const near = LANGUAGES.filter((name) => name === spoken.split('-')[0]);
  for (const name of [...near, ...LANGUAGES]) {
    try {
      ({ words } = await FILES[name]!());
      inWords = name;
      return;
    } catch {
      // No words in this language, or they were not kept and there is no network: another language is better than none.
    }
  }
}

/** A message with its `{names}` filled in; numbers are written in the language's own way. */
export function t(key: Key, fill: Fill = {}): string {
  return formOf(words[key], fill['n']).replace(/\{(\w+)\}/g, (_, name: string) => written(fill[name] ?? ''));
}

function formOf(entry: Entry, n: string | number | undefined): string {
  if (typeof entry === 'string') return entry;
  return entry[new Intl.PluralRules(inWords).select(Number(n))] ?? entry.other;
}

const written = (value: string | number): string =>
  typeof value === 'number' ? new Intl.NumberFormat(inWords).format(value) : value;

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
