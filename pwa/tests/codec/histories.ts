/** Random histories of several phones that each write one document twice: by our codec, and by the official package.
 *
 * The twin of tests/sync/codec/histories.py. Phones put and delete, commit, meet, and are copied to new ones; keys are
 * few, so that they collide. A seed gives the same history each time. */

import * as Automerge from '@automerge/automerge';
import { changeHash, decode, DELETED, Document, encode, fromHex, join, toHex, uleb, type Scalar } from '../../src/codec/index.ts';
import { writeScalar } from '../../src/codec/scalars.ts';
import { sha256 } from '../../src/wire/index.ts';

export type Random = (below: number) => number;
type Doc = Automerge.Doc<Record<string, unknown>>;

const PHONES_MAX = 6, STEPS_MAX = 40;
const MAGIC = [0x85, 0x6f, 0x4a, 0x83];
export const KEYS = ['s/a', 's/b', 'p/lecture', 'w/é', 'n/水/1', 'n/ماء/😀', 'q/exam/q1', ' ', 'k'.repeat(256), '水'.repeat(85)];
const EDGES = [0, 1, 63, 64, 8_191, 8_192, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER];
const INTEGERS = EDGES.flatMap((edge) => [edge, -edge, -edge - 1]).filter((value) => Number.isSafeInteger(value) && !Object.is(value, -0));
const FLOATS = [0.5, -0.5, 1e300, 5e-324, 2 ** 53, -(2 ** 63), Infinity, -Infinity];
const TEXTS = ['', ' ', 'Boil it', 'ماء', '水😀', '\ufeff', '\ufffd', 'e\u0301', 'line\nline', 'x'.repeat(127), 'x'.repeat(128)];
const RAW = [[], [0], [255, 128, 0], [...Array(256).keys()]];
const UINT = 3, F64 = 5, TIMESTAMP = 9;

/** A value as ours takes it, and as the package does. */
type Both = readonly [ours: Scalar, theirs: unknown];

const sameTo = (values: readonly Scalar[]): Both[] => values.map((value) => [value, value]);
const kept = (type: number, raw: ArrayLike<number>): Scalar => ({ type, raw: join([raw]) });

const KINDS: readonly (readonly Both[])[] = [
  sameTo([null, true, false]),
  sameTo(INTEGERS),
  FLOATS.map((value): Both => [value, new Automerge.Float64(value)]),
  [0, 1, -7].map((value): Both => [kept(F64, new Uint8Array(Float64Array.of(value).buffer)), new Automerge.Float64(value)]),
  EDGES.map((value): Both => [kept(UINT, uleb(value)), new Automerge.Uint(value)]),
  [-1, 0, 1_790_000_000_123].map((value): Both => [kept(TIMESTAMP, writeScalar(value)[1]), new Date(value)]),
  TEXTS.map((value): Both => [value, new Automerge.ImmutableString(value)]),
  RAW.map((raw): Both => [Uint8Array.from(raw), Uint8Array.from(raw)]),
];

/** A small generator, so that a failing history can be played again. */
export function random(seed: number): Random {
  let state = Math.imul(seed + 1, 2_654_435_761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export const oneOf = <T>(below: Random, values: readonly T[]): T => values[below(values.length)]!;

export async function chunk(body: Uint8Array): Promise<Uint8Array> {
  const content = join([[1], uleb(body.length), body]);
  return join([MAGIC, (await sha256(content)).subarray(0, 4), content]);
}

/** A value by type and bytes: NaN is itself, and 1 is not 1.0. */
export function spelt(value: Scalar): string {
  const [type, raw] = writeScalar(value);
  return `${type} ${toHex(Uint8Array.from(raw))}`;
}

/** One actor, twice: `ours` and `theirs` hold the same. `last`: the change that it wrote last. */
export class Phone {
  last = '';
  readonly #pending = new Map<string, unknown>();

  private constructor(readonly ours: Document, public theirs: Doc) {}

  static new(actor: string): Phone {
    return new Phone(new Document(actor), Automerge.init<Record<string, unknown>>({ actor }));
  }

  put(key: string, [ours, theirs]: Both): void {
    this.ours.put(key, ours);
    this.#pending.set(key, theirs);
  }

  delete(key: string): void {
    this.ours.delete(key);
    this.#pending.set(key, DELETED);
  }

  /** The same change by both encoders; undefined where there is nothing to write, or nothing to compare. */
  async commit(): Promise<readonly [ours: string, theirs: string] | undefined> {
    const before = this.last, shown = new Map(this.ours.keys().map((key) => [key, this.ours.survivors(key)]));
    const body = await this.ours.commit(0);
    const puts = new Map(this.#pending);
    this.#pending.clear();
    if (!body) return undefined;
    this.last = await changeHash(body);
    const { ops } = decode(body);
    const saysNothingNew = ops.some(({ key, value }) => value !== DELETED && shown.get(key)?.some((one) => looksLike(one.value, value)));
    const copy = Automerge.clone(this.theirs, { actor: this.ours.actor });
    [this.theirs] = Automerge.applyChanges(this.theirs, [await chunk(body)]);
    if (saysNothingNew) return undefined; // the package leaves such puts out
    const theirs = Automerge.change(copy, { time: 0 }, (draft) => {
      for (const { key } of ops) {
        if (puts.get(key) === DELETED) delete draft[key];
        else draft[key] = puts.get(key);
      }
    });
    const deps = [...new Set([...decode(body).deps, ...(before ? [before] : [])])].sort();
    return [toHex(await chunk(encode({ ...decode(body), deps }))), toHex(Automerge.getLastLocalChange(theirs)!)];
  }

  /** All that the other has; what is known already changes nothing. */
  async pull(other: Phone): Promise<void> {
    for (const body of other.ours.bodies) await this.ours.apply(body);
    this.theirs = Automerge.merge(this.theirs, other.theirs);
  }
}

/** Equal as the package compares: 0.0 and -0.0 are. */
const looksLike = (a: Scalar, b: Scalar): boolean => a === b || spelt(a) === spelt(b);

/** What came of it. `twice`: each change by our encoder and by theirs. */
export interface History {
  readonly phones: readonly Phone[];
  readonly twice: readonly (readonly [ours: string, theirs: string])[];
}

const actorOf = (below: Random): string => toHex(Uint8Array.from({ length: 16 }, () => below(256)));

export async function history(seed: number): Promise<History> {
  const below = random(seed);
  const phones = Array.from({ length: 2 + below(2) }, () => Phone.new(actorOf(below)));
  const twice: (readonly [string, string])[] = [];
  const commit = async (phone: Phone): Promise<void> => {
    const both = await phone.commit();
    if (both) twice.push(both);
  };
  for (let steps = below(STEPS_MAX); steps; steps--) {
    const phone = oneOf(below, phones), other = oneOf(below, phones), act = below(10);
    const key = oneOf(below, below(2) ? KEYS : KEYS.slice(0, 2));
    if (act === 0 && phones.length < PHONES_MAX) {
      const copy = Phone.new(actorOf(below));
      await copy.pull(phone);
      phones.push(copy);
    } else if (act < 3 && other !== phone) await phone.pull(other);
    else if (act < 5) await commit(phone);
    else if (act === 5) phone.delete(key);
    else phone.put(key, oneOf(below, oneOf(below, KINDS)));
  }
  for (const phone of phones) await commit(phone);
  return { phones, twice };
}

/** Every change of every phone, once. */
export function bodiesOf({ phones }: History): Uint8Array[] {
  return [...new Set(phones.flatMap(({ ours }) => ours.bodies.map(toHex)))].map(fromHex);
}

/** A replica to which all came in some order, some of it twice; what came too early comes again. */
export async function inAnyOrder(bodies: readonly Uint8Array[], below: Random): Promise<Document> {
  const whole = new Document('00'.repeat(16));
  let waiting = [...bodies, ...bodies.filter(() => !below(3))];
  while (waiting.length) {
    const next: Uint8Array[] = [];
    for (const body of waiting.map((each) => [below(2 ** 30), each] as const).sort(([a], [b]) => a - b).map(([, each]) => each)) {
      await whole.apply(body).catch(() => next.push(body));
    }
    waiting = next;
  }
  return whole;
}
