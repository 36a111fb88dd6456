/** Numbers and quantities as people write them. The same as `offline_bundles/quiz/numbers.py`. Numbers are compared
 * exactly, as integers of their smallest decimal place. */

import { plainDigits, spaced } from './texts.ts';

const NUMBER_CHARACTERS_MAX = 40;
const UNIT_CHARACTERS_MAX = 24;
const OF_NUMBERS = /^[-+.0-9\p{White_Space}\x1c-\x1f]*/u;

/** `digits` / 10^`places`. */
export interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

/** A plain decimal in the digits of any script, with a point, a comma or an Arabic decimal separator. */
export function readNumber(written: string): Decimal | undefined {
  if ([...written].length > NUMBER_CHARACTERS_MAX) return undefined;
  const found = /^([+-]?)(\d*)(?:\.(\d+))?$/.exec(spaced(withPlainDigits(written)));
  if (!found || !(found[2] || found[3])) return undefined;
  const digits = BigInt(found[2]! + (found[3] ?? ''));
  return { digits: found[1] === '-' ? -digits : digits, places: found[3]?.length ?? 0 };
}

/** A number in the unit whose factor is 1. With units one must stand behind it, unless "" is among them. */
export function readQuantity(written: string, units: Readonly<Record<string, string>>): Decimal | undefined {
  if ([...written].length > NUMBER_CHARACTERS_MAX + UNIT_CHARACTERS_MAX) return undefined;
  if (!Object.keys(units).length) return readNumber(written);
  const plain = withPlainDigits(written);
  const number = OF_NUMBERS.exec(plain)![0];
  const factor = readNumber(factorOf(spelt(plain.slice(number.length)), Object.entries(units)));
  const given = readNumber(spaced(number));
  return given && factor && { digits: given.digits * factor.digits, places: given.places + factor.places };
}

/** A phone that began with a capital is forgiven where that leaves no doubt. */
function factorOf(unit: string, units: readonly (readonly [spelling: string, factor: string])[]): string {
  const like = (level: (text: string) => string) => new Set(units.flatMap(([spelling, factor]) => (level(spelt(spelling)) === level(unit) ? [factor] : [])));
  const exact = like((text) => text);
  const found = exact.size ? exact : like((text) => text.toLowerCase());
  return found.size === 1 ? [...found][0]! : '';
}

const spelt = (unit: string): string => spaced(unit.normalize('NFKC'));
const withPlainDigits = (text: string): string => plainDigits(text).replace(/[٫,]/g, '.').replace(/−/g, '-');
