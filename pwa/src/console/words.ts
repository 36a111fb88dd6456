/** The consoles' words: which language, how it says numbers, sizes, times, and texts that courses carry. */

import { ar } from './strings/ar.ts';
import { en, type Key } from './strings/en.ts';

export type Language = 'en' | 'ar';
type Fill = Readonly<Record<string, string | number>>;

const TABLES: Record<Language, Record<Key, string>> = { en, ar };
const STORED = 'tiffin-console-language';
export const LANGUAGES: Record<Language, string> = { en: 'English', ar: 'العربية' };

let language: Language = pick(localStorage.getItem(STORED) ?? navigator.language);

function pick(wanted: string): Language {
  return wanted.startsWith('ar') ? 'ar' : 'en';
}

export const currentLanguage = (): Language => language;

export function setLanguage(wanted: Language): void {
  language = wanted;
  localStorage.setItem(STORED, wanted);
  showLanguage();
}

export function showLanguage(): void {
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
}

/** A message with its `{names}` filled in; numbers are written in the language's own way. */
export function t(key: Key, fill: Fill = {}): string {
  const form = formOf(TABLES[language][key], fill['n']);
  return form.replace(/\{(\w+)\}/g, (_, name: string) => shown(fill[name] ?? ''));
}

/** A message whose key is made from a code of the API; an unknown code is shown as it is. */
export const tCode = (prefix: string, code: string, fill?: Fill): string =>
  `${prefix}.${code}` in en ? t(`${prefix}.${code}` as Key, fill) : code;

function formOf(text: string, n: string | number | undefined): string {
  const forms = text.split('|');
  if (forms.length === 1 || typeof n !== 'number') return text;
  const order = language === 'ar' ? ['one', 'two', 'few', 'many', 'other'] : ['one', 'other'];
  const place = order.indexOf(new Intl.PluralRules(language).select(n));
  return forms[place < 0 ? forms.length - 1 : place] ?? text;
}

/** In a line that is written from right to left a name in Latin letters would take what follows it along: it is set apart. */
function shown(value: string | number): string {
  if (typeof value === 'number') return number(value);
  return language === 'ar' ? `\u2068${value}\u2069` : value;
}

export const number = (value: number): string => new Intl.NumberFormat(language).format(value);

export const percent = (part: number, whole: number): string =>
  new Intl.NumberFormat(language, { style: 'percent' }).format(whole ? part / whole : 0);

/** Points from thousandths. */
export const points = (thousandths: number): string =>
  new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(thousandths / 1000);

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

export function size(bytes: number): string {
  let place = 0;
  let value = bytes;
  while (value >= 1000 && place < UNITS.length - 1) {
    value /= 1000;
    place += 1;
  }
  const options = { style: 'unit', unit: UNITS[place] ?? 'byte', unitDisplay: 'short', maximumFractionDigits: value < 10 ? 1 : 0 } as const;
  return new Intl.NumberFormat(language, options).format(value);
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return `${number(Math.floor(whole / 60))}:${new Intl.NumberFormat(language, { minimumIntegerDigits: 2 }).format(whole % 60)}`;
}

export const date = (ms: number): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(ms);

export const calendarDay = (ms: number): string => new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(ms);

export const day = (iso: string): string =>
  new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(`${iso}T00:00:00Z`));

const AGES: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

export function ago(ms: number | null | undefined, now = Date.now()): string {
  if (!ms) return t('never');
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const [unit, length] = AGES.find(([, each]) => now - ms >= each) ?? ['second', 1000];
  return format.format(-Math.round((now - ms) / length), unit);
}

/** How long something lasts, in its largest whole unit. */
export function span(ms: number): string {
  const [unit, length] = AGES.find(([, each]) => ms >= each) ?? ['second', 1000];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 }).format(ms / length);
}

/** A text of a course in the reader's language, else in the first one that it has. */
export const say = (text: Readonly<Record<string, string>>): string => text[language] ?? Object.values(text)[0] ?? '';
