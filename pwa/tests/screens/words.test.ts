import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { ProblemCode } from '../../src/model.ts';
import { words as coreAr } from '../../src/strings/ar.ts';
import { words as coreEn } from '../../src/strings/en.ts';
import type { Entry } from '../../src/strings/entry.ts';
import { words as toolsAr } from '../../src/strings/tools_ar.ts';
import { words as toolsEn } from '../../src/strings/tools_en.ts';
import { direction, languageOf, problemWords, said, speak, speakOfTools, t, wordsLanguage, type Key } from '../../src/strings/words.ts';

const en = { ...coreEn, ...toolsEn };
const ar = { ...coreAr, ...toolsAr };
const KEYS = Object.keys(en) as Key[];
const LANGUAGES = { en, ar } as const;
const formsOf = (entry: Entry): string[] => (typeof entry === 'string' ? [entry] : Object.values(entry));
const namesIn = (entry: Entry): string[] => [...new Set(formsOf(entry).join().match(/\{\w+\}/g) ?? [])].sort();

beforeAll(speakOfTools);
beforeEach(() => speak('en'));

test('every key has words in both languages, and no language has keys of its own', () => {
  expect(Object.keys(ar).sort()).toEqual([...KEYS].sort());
  for (const table of Object.values(LANGUAGES)) {
    for (const key of KEYS) for (const form of formsOf(table[key])) expect(form.trim(), key).not.toBe('');
  }
});

/** Every file that a page fetches before any tool is asked for. */
function firstLoad(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const imports = readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?!type)[^;]*?from '(\.[^']+\.tsx?)'/gm);
  for (const [, file] of imports) firstLoad(join(dirname(path), file!), seen);
  return seen;
}

test('what is drawn without a tool says no words of the tools', () => {
  const files = [...firstLoad(join(import.meta.dirname, '../../src/main.tsx'))];
  expect(files.length).toBeGreaterThan(50);
  const code = files.map((path) => readFileSync(path, 'utf8')).join();
  expect(Object.keys(toolsEn).filter((key) => code.includes(`'${key}'`))).toEqual([]);
});

test('both languages fill in the same names', () => {
  const filled = (entry: Entry) => namesIn(entry).filter((name) => name !== '{n}'); // a form may say its number in words
  for (const key of KEYS) expect(filled(ar[key]), key).toEqual(filled(en[key]));
});

test('what is counted is counted in both languages', () => {
  for (const key of KEYS) expect(typeof ar[key], key).toBe(typeof en[key]);
});

test('a plural form that stands for many numbers says the number', () => {
  for (const table of Object.values(LANGUAGES)) {
    for (const key of KEYS) {
      const entry = table[key] as Entry;
      if (typeof entry === 'string') continue;
      for (const form of [entry.few, entry.many, entry.other]) if (form) expect(form, key).toContain('{n}');
    }
  }
});

test('Arabic has the forms that its grammar asks for', () => {
  for (const key of KEYS) {
    const entry: Entry = ar[key];
    if (typeof entry === 'string' || key === 'course.progress') continue;
    expect(Object.keys(entry), key).toEqual(expect.arrayContaining(['one', 'two', 'few', 'other']));
  }
});

test('a count chooses its form by the rules of the language', async () => {
  expect([1, 2].map((n) => t('quiz.questions', { n }))).toEqual(['1 question', '2 questions']);
  await speak('ar');
  const arabic = [1, 2, 3, 11, 100].map((n) => t('quiz.questions', { n }));
  expect(arabic).toEqual(['سؤال واحد', 'سؤالان', '3 أسئلة', '11 سؤالًا', '100 سؤال']);
});

test('numbers in a message are written in its language', () => {
  expect(t('course.progress', { done: 1000, n: 2000 })).toBe('1,000 of 2,000 done');
});

/** Complete by its type: a new code does not compile until it stands here. */
const CODES: Readonly<Record<ProblemCode, true>> = {
  offline: true,
  busy: true,
  code_unknown: true,
  code_expired: true,
  too_many_tries: true,
  phone_full: true,
  tampered: true,
  expired: true,
  not_on_phone: true,
  storage_lost: true,
  work_lost: true,
  not_known_here: true,
  update_needed: true,
  unknown: true,
};

test.each(Object.keys(LANGUAGES))('every problem says what happened and what to do, in %s', async (language) => {
  await speak(language);
  for (const code of Object.keys(CODES) as ProblemCode[]) {
    const { what, todo } = problemWords(code);
    expect(what, code).toBeTruthy();
    expect(todo.length, code).toBeGreaterThan(what.length);
  }
});

test('no message speaks of what only engineers know', () => {
  const words = KEYS.flatMap((key) => formsOf(en[key])).join('\n');
  expect(words).not.toMatch(/\b(sync|cache|queue|conflict|upload|download|server error|bytes?)\b/i);
});

test('a text is told in the learner’s language, or else in the course’s first', async () => {
  const text = { fr: 'Eau', ar: 'ماء' };
  await speak('ar');
  expect([said(text), languageOf(text)]).toEqual(['ماء', 'ar']);
  await speak('en');
  expect([said(text), languageOf(text)]).toEqual(['Eau', 'fr']);
});

test('a regional language finds the words of its language', async () => {
  await speak('ar-EG');
  expect([wordsLanguage(), said({ en: 'Water', ar: 'ماء' })]).toEqual(['ar', 'ماء']);
});

test('a language without words of its own is served in English, its courses in itself', async () => {
  await speak('sw');
  expect([wordsLanguage(), t('nav.me'), said({ en: 'Water', sw: 'Maji' })]).toEqual(['en', 'Me', 'Maji']);
});

test('writing runs the way of its script', () => {
  expect(['ar', 'ur-PK', 'en', 'hi'].map(direction)).toEqual(['rtl', 'rtl', 'ltr', 'ltr']);
});
