/** What an answer to a practice question is worth, judged on the phone. The same as `offline_bundles/quiz/grading.py`;
 * both run `tests/vectors/grading.json`. */

import type { Answer, Checked, Question, Text } from '../model.ts';
import { readNumber, readQuantity, type Decimal } from './numbers.ts';
import { normalised } from './texts.ts';

/** The part of a quiz's key that belongs to one question. */
export interface Key {
  readonly correct?: readonly string[];
  readonly answer?: string;
  readonly tolerance?: string;
  readonly units?: Readonly<Record<string, string>>;
  readonly accept?: readonly string[];
  readonly order?: readonly string[];
  readonly pairs?: Readonly<Record<string, string>>;
  readonly rubric?: readonly { readonly text: Text }[];
  readonly feedback?: Text;
  readonly choices?: Readonly<Record<string, Text>>;
}

const ANSWER_CHARACTERS_MAX = 4_000;
const CHOICES_MAX = 50;

export function checkAnswer(question: Question, key: Key, answer: Answer | undefined): Checked {
  const max = 1000 * question.points;
  const [share, of] = (typeof answer === 'string' ? shareOfText : shareOfTexts)(question.kind, key, answer as never);
  const points = Math.floor((2 * max * share + of) / (2 * of));
  return { correct: points === max, points, max, feedback: feedbackOf(key, answer), right: rightOf(key) };
}

type Kind = Question['kind'];
type Share = readonly [part: number, of: number];
const NOTHING: Share = [0, 1];

function shareOfText(kind: Kind, key: Key, answer: string): Share {
  const is = kind === 'single_choice' ? key.correct?.includes(answer) : kind === 'numeric' ? isNear(key, answer) : kind === 'short_text' && isAccepted(key, answer);
  return is ? [1, 1] : NOTHING;
}

function shareOfTexts(kind: Kind, key: Key, answer: readonly string[] | undefined): Share {
  if (!isChoices(answer)) return NOTHING;
  if (kind === 'multiple_choice') return shareOfChoices(key.correct ?? [], answer);
  if (kind === 'ordering') return shareOfNeighbours(key.order ?? [], answer);
  return kind === 'matching' ? shareOfMatches(key.pairs ?? {}, answer) : NOTHING;
}

/** Each right choice earns a share, each wrong one takes one back, never below nothing. */
function shareOfChoices(right: readonly string[], answer: readonly string[]): Share {
  if (!right.length) return NOTHING;
  const hits = answer.filter((choice) => right.includes(choice)).length;
  return [Math.max(0, 2 * hits - answer.length), right.length];
}

/** The share of neighbours that follow each other as they should. */
function shareOfNeighbours(order: readonly string[], answer: readonly string[]): Share {
  if (order.length < 2 || order.length !== answer.length || !answer.every((item) => order.includes(item))) return NOTHING;
  return [answer.filter((item, at) => at && order.indexOf(item) === order.indexOf(answer[at - 1]!) + 1).length, order.length - 1];
}

/** The share of items that were given their match, as `item=match`. Two matches for one item are none. */
function shareOfMatches(pairs: Readonly<Record<string, string>>, answer: readonly string[]): Share {
  const wanted = Object.entries(pairs);
  const given = (item: string) => answer.filter((pair) => pair.split('=', 1)[0] === item);
  const hits = wanted.filter(([item, match]) => String(given(item)) === `${item}=${match}`).length;
  return wanted.length ? [hits, wanted.length] : NOTHING;
}

const isChoices = (answer: Answer | undefined): answer is readonly string[] =>
  Array.isArray(answer) && answer.length <= CHOICES_MAX && new Set(answer).size === answer.length;

function isNear(key: Key, answer: string): boolean {
  const numbers = [readQuantity(answer, key.units ?? {}), readNumber(key.answer ?? ''), readNumber(key.tolerance ?? '0')];
  const [given, wanted, tolerance] = numbers;
  if (!given || !wanted || !tolerance) return false;
  const places = Math.max(...numbers.map((number) => number?.places ?? 0));
  const whole = ({ digits, places: own }: Decimal) => digits * 10n ** BigInt(places - own);
  const distance = whole(given) - whole(wanted);
  return (distance < 0n ? -distance : distance) <= whole(tolerance);
}

function isAccepted(key: Key, answer: string): boolean {
  const given = normalised(answer);
  return [...answer].length <= ANSWER_CHARACTERS_MAX && given !== '' && (key.accept ?? []).some((text) => normalised(text) === given);
}

/** What was chosen says something, then the question; of a free text, what a reader would look for. */
function feedbackOf(key: Key, answer: Answer | undefined): Text[] {
  const chosen = typeof answer === 'string' ? [answer] : isChoices(answer) ? answer : [];
  const said = [...chosen.map((choice) => key.choices?.[choice]), key.feedback, ...(key.rubric ?? []).map(({ text }) => text)];
  return said.filter((text): text is Text => !!text && Object.keys(text).length > 0);
}

function rightOf({ correct, answer, accept, order, pairs }: Key): readonly string[] {
  if (pairs) return Object.entries(pairs).map((pair) => pair.join('='));
  return correct ?? order ?? (answer === undefined ? accept?.slice(0, 1) ?? [] : [answer]);
}
