/** What an answer to a practice question is worth, judged on the phone. The same as `offline_bundles/quiz/grading.py`;
 * both run `tests/vectors/grading.json`. Numbers are compared exactly, as integers of their smallest decimal place. */

import type { Answer, Checked, Question, Text } from '../model.ts';

/** The part of a quiz's key that belongs to one question. */
export interface Key {
  readonly correct?: readonly string[];
  readonly answer?: string;
  readonly tolerance?: string;
  readonly accept?: readonly string[];
  readonly feedback?: Text;
  readonly choices?: Readonly<Record<string, Text>>;
}

const NUMBER_CHARACTERS_MAX = 40;
const ANSWER_CHARACTERS_MAX = 4_000;
const CHOICES_MAX = 50;
/** What Python calls white space: `\s` would differ in six characters. */
const SPACES = /[\p{White_Space}\x1c-\x1f]+/u;

export function checkAnswer(question: Question, key: Key, answer: Answer | undefined): Checked {
  const max = 1000 * question.points;
  const [share, of] = shareOf(question.kind, key, answer);
  const points = Math.floor((2 * max * share + of) / (2 * of));
  return { correct: points === max, points, max, feedback: feedbackOf(key, answer), right: rightOf(key) };
}

type Share = readonly [part: number, of: number];
const all = (is: boolean): Share => [is ? 1 : 0, 1];

function shareOf(kind: Question['kind'], key: Key, answer: Answer | undefined): Share {
  if (kind === 'multiple_choice') return sharesOfChoices(key.correct ?? [], answer);
  if (typeof answer !== 'string') return all(false);
  if (kind === 'single_choice') return all((key.correct ?? []).includes(answer));
  return all(kind === 'numeric' ? isNear(key, answer) : isAccepted(key, answer));
}

/** Each right choice earns a share, each wrong one takes one back, never below nothing. */
function sharesOfChoices(right: readonly string[], answer: Answer | undefined): Share {
  if (!right.length || !isChoices(answer)) return all(false);
  const hits = answer.filter((choice) => right.includes(choice)).length;
  return [Math.max(0, 2 * hits - answer.length), right.length];
}

const isChoices = (answer: Answer | undefined): answer is readonly string[] =>
  Array.isArray(answer) && answer.length <= CHOICES_MAX && new Set(answer).size === answer.length;

function isNear(key: Key, answer: string): boolean {
  const numbers = [answer, key.answer ?? '', key.tolerance ?? '0'].map(readNumber);
  const [given, wanted, tolerance] = numbers;
  if (!given || !wanted || !tolerance) return false;
  const places = Math.max(...numbers.map((number) => number?.places ?? 0));
  const whole = ({ digits, places: own }: Decimal) => digits * 10n ** BigInt(places - own);
  const distance = whole(given) - whole(wanted);
  return (distance < 0n ? -distance : distance) <= whole(tolerance);
}

/** `digits` / 10^`places`. */
interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

/** A plain decimal in the digits of any script, with a point, a comma or an Arabic decimal separator. */
export function readNumber(written: string): Decimal | undefined {
  if ([...written].length > NUMBER_CHARACTERS_MAX) return undefined;
  const plain = spaced(written).replace(/\p{Nd}/gu, plainDigit).replace(/[٫,]/g, '.').replace(/−/g, '-');
  const found = /^([+-]?)(\d*)(?:\.(\d+))?$/.exec(plain);
  if (!found || !(found[2] || found[3])) return undefined;
  const digits = BigInt(found[2]! + (found[3] ?? ''));
  return { digits: found[1] === '-' ? -digits : digits, places: found[3]?.length ?? 0 };
}

/** The digits of each script stand together, from zero to nine: the zero is ten places at most before. Styled digits
 * (bold, full width) stand side by side in several tens; NFKC makes them plain. */
function plainDigit(digit: string): string {
  const code = digit.normalize('NFKC').codePointAt(0)!;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String(code - zero);
}

function isAccepted(key: Key, answer: string): boolean {
  const given = normalised(answer);
  return [...answer].length <= ANSWER_CHARACTERS_MAX && given !== '' && (key.accept ?? []).some((text) => normalised(text) === given);
}

/** NFKC, lower case, white space collapsed: spelling counts, typing does not. */
export const normalised = (text: string): string => spaced(text.normalize('NFKC').toLowerCase());

const spaced = (text: string): string => text.split(SPACES).filter(Boolean).join(' ');

function feedbackOf(key: Key, answer: Answer | undefined): Text[] {
  const chosen = typeof answer === 'string' ? [answer] : isChoices(answer) ? answer : [];
  const said = chosen.map((choice) => key.choices?.[choice]).filter((text): text is Text => !!text && Object.keys(text).length > 0);
  return key.feedback && Object.keys(key.feedback).length ? [...said, key.feedback] : said;
}

const rightOf = ({ correct, answer, accept }: Key): readonly string[] => correct ?? (answer === undefined ? accept?.slice(0, 1) ?? [] : [answer]);
