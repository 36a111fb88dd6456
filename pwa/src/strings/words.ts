/** The learner's words: which language, and how it says messages and the texts that courses carry.
 *
 * Each language's words are a file of their own, and a phone fetches those of its learner alone; what the tools say is
 * a second file, which comes with the first tool. They are read before the first screen is drawn and again whenever the
 * snapshot changes the language; the whole app is then drawn anew, so module variables are enough. */

import type { ProblemCode, Text } from '../model.ts';
import type { Key as CoreKey } from './en.ts';
import type { Entry } from './entry.ts';
import type { ToolKey } from './tools_en.ts';

export type Key = CoreKey | ToolKey;
type Fill = Readonly<Record<string, string | number>>;
type Words = Readonly<Record<string, Entry>>;
type Files = Readonly<Record<string, () => Promise<{ readonly words: Words }>>>;

const FILES: Files = {
  en: () => import('./en.ts'),
  ar: () => import('./ar.ts'),
};
const TOOL_FILES: Files = {
  en: () => import('./tools_en.ts'),
  ar: () => import('./tools_ar.ts'),
};
export const LANGUAGES = Object.keys(FILES);
const FALLBACK = 'en';
/** Whose words a learner of this language reads. */
export const wordsFor = (language: string): string => LANGUAGES.find((name) => name === language.split('-')[0]) ?? FALLBACK;
/** Of the languages that courses come in, those written from right to left. */
const RIGHT_TO_LEFT = /^(ar|fa|he|ur|ps|sd|ckb|dv|ug|yi)\b/;

let spoken = FALLBACK;
let inWords = FALLBACK;
let words: Words = {};
let hasTools = false;

/** The language that the learner chose; courses may know it although the app's own words do not. */
export const language = (): string => spoken;
/** The language that the app's own words are in. */
export const wordsLanguage = (): string => inWords;
export const direction = (of: string): 'rtl' | 'ltr' => (RIGHT_TO_LEFT.test(of) ? 'rtl' : 'ltr');

/** Resolves once its words are here: of this language, else English, else whichever this phone has kept. */
export async function speak(wanted: string): Promise<void> {
  spoken = wanted || FALLBACK;
  const core = await nearest(FILES);
  const tools = hasTools && (await nearest(TOOL_FILES));
  if (!core || spoken !== (wanted || FALLBACK)) return; // she chose another while these came
  inWords = core.name;
  words = { ...core.words, ...(tools && tools.words) };
}

/** What the tools say too, from now on. Throws where no language's words of them can be had. */
export async function speakOfTools(): Promise<void> {
  if (hasTools) return;
  const of = spoken;
  const tools = await nearest(TOOL_FILES);
  if (!tools) throw new Error('no words');
  if (spoken !== of) return speakOfTools();
  hasTools = true;
  words = { ...words, ...tools.words };
}

async function nearest(files: Files): Promise<{ readonly name: string; readonly words: Words } | undefined> {
  for (const name of [wordsFor(spoken), ...LANGUAGES]) {
    try {
      return { name, words: (await files[name]!()).words };
    } catch {
      // No words in this language, or they were not kept and there is no network: another language is better than none.
    }
  }
  return undefined;
}

/** A message with its `{names}` filled in; numbers are written in the language's own way. */
export function t(key: Key, fill: Fill = {}): string {
  return formOf(words[key]!, fill['n']).replace(/\{(\w+)\}/g, (_, name: string) => written(fill[name] ?? ''));
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
