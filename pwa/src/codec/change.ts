/** One change of the restricted model: puts and deletes of flat keys at a document's root.
 *
 * The same as `sync/codec/change.py`: encoding is canonical, and `decode` takes nothing that `encode` would not write.
 * Source: Automerge binary format, "Change chunks" and "Operation columns". */

import { fits, readDeltas, readRuns, writeDeltas, writeRuns } from './columns.ts';
import { CodecError } from './errors.ts';
import { fromHex, join, Reader, sized, sleb, toHex, uleb, type Bytes } from './leb.ts';
import { readScalar, text, utf8, writeScalar, type Scalar } from './scalars.ts';

const HASH_BYTES = 32;
const KEY = 0x15, INSERT = 0x34, ACTION = 0x42, LENGTH = 0x56, RAW = 0x57, PRED_COUNT = 0x70, PRED_ACTOR = 0x71, PRED_COUNTER = 0x73;
const COLUMNS: readonly number[] = [KEY, INSERT, ACTION, LENGTH, RAW, PRED_COUNT, PRED_ACTOR, PRED_COUNTER];
const PUT = 1, DELETE = 3;

/** The limits of `sync/codec/change.py`: what one honest change can need, and far more. */
const BODY_BYTES = 65_536, OPERATIONS = 4_096, DEPENDENCIES = 64, ACTORS = 64, PREDECESSORS = 16_384, KEY_BYTES = 256,
  VALUE_BYTES = 16_384, MESSAGE_BYTES = 256, ACTOR_BYTES = 64;

/** Stands where a key's value was removed. */
export const DELETED = Symbol('deleted');

/** A Lamport id: ordered by counter, then actor (hexadecimal). */
export interface OpId {
  readonly counter: number;
  readonly actor: string;
}

/** One key put or deleted. `pred`: the operations that this one replaces, ascending. */
export interface Op {
  readonly key: string;
  readonly value: Scalar | typeof DELETED;
  readonly pred: readonly OpId[];
}

/** Actors and hashes are hexadecimal; `time` is in seconds since 1970; op i has the counter `startOp + i`. */
export interface Change {
  readonly actor: string;
  readonly seq: number;
  readonly startOp: number;
  readonly time: number;
  readonly deps: readonly string[];
  readonly ops: readonly Op[];
  readonly message?: string;
}

export const byOpId = (a: OpId, b: OpId): number =>
  a.counter - b.counter || (a.actor < b.actor ? -1 : a.actor > b.actor ? 1 : 0);

/** SHA-256 over the chunk's type, length and contents, in hexadecimal: the change's name. */
export async function changeHash(body: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', join([[1], uleb(body.length), body]))));
}

export function encode(change: Change): Bytes {
  const others = new Set(change.ops.flatMap(({ pred }) => pred.map(({ actor }) => actor)));
  others.delete(change.actor);
  const actors = [change.actor, ...[...others].sort()];
  const columns = columnsOf(change.ops, actors).filter(([, raw]) => raw.length);
  return join([
    uleb(change.deps.length), ...change.deps.map(fromHex),
    sized(fromHex(change.actor)), uleb(change.seq), uleb(change.startOp), sleb(change.time),
    sized(utf8(change.message ?? '')),
    uleb(actors.length - 1), ...actors.slice(1).map((actor) => sized(fromHex(actor))),
    uleb(columns.length), ...columns.map(([spec, raw]) => join([uleb(spec), uleb(raw.length)])),
    ...columns.map(([, raw]) => raw),
  ]);
}

function columnsOf(ops: readonly Op[], actors: readonly string[]): [number, ArrayLike<number>][] {
  const written = ops.map(({ value }) => value === DELETED ? [0, []] as const : writeScalar(value));
  const preds = ops.flatMap(({ pred }) => pred);
  return [
    [KEY, writeRuns(ops.map(({ key }) => key), (key) => sized(utf8(key)))],
    [INSERT, ops.length ? uleb(ops.length) : []],
    [ACTION, writeRuns(ops.map(({ value }) => value === DELETED ? DELETE : PUT), uleb)],
    [LENGTH, writeRuns(written.map(([type, raw]) => raw.length * 16 + type), uleb)],
    [RAW, join(written.map(([, raw]) => raw))],
    [PRED_COUNT, writeRuns(ops.map(({ pred }) => pred.length), uleb)],
    [PRED_ACTOR, writeRuns(preds.map(({ actor }) => actors.indexOf(actor)), uleb)],
    [PRED_COUNTER, writeDeltas(preds.map(({ counter }) => counter))],
  ];
}

/** Reads a body, every limit asked first. Throws `CodecError`, and nothing else, whatever the bytes. */
export function decode(body: Uint8Array): Change {
  limit(body.length, BODY_BYTES);
  const reader = new Reader(body);
  const deps = list(reader, DEPENDENCIES, () => toHex(reader.take(HASH_BYTES)));
  const actor = toHex(bytes(reader, ACTOR_BYTES));
  const seq = reader.uleb(), startOp = reader.uleb(), time = reader.sleb();
  const message = text(bytes(reader, MESSAGE_BYTES));
  const actors = [actor, ...list(reader, ACTORS, () => toHex(bytes(reader, ACTOR_BYTES)))];
  const change: Change = { actor, seq, startOp, time, deps, ops: readOps(readColumns(reader), actors), message };
  check(change, body);
  return change;
}

function check(change: Change, body: Uint8Array): void {
  const sane = [change.seq, change.startOp, change.startOp + change.ops.length].every(inRange)
    && Number.isSafeInteger(change.time) && ascends(change.deps, (a, b) => a < b ? -1 : 1)
    && change.ops.every(({ pred }, at) => pred.every(({ counter }) => counter < change.startOp + at));
  const again = sane ? encode(change) : undefined;
  if (!again || again.length !== body.length || again.some((byte, at) => byte !== body[at])) {
    malformed('not the canonical encoding of any change');
  }
}

const inRange = (value: number): boolean => value > 0 && value < 2 ** 32;

function ascends<T>(values: readonly T[], compare: (a: T, b: T) => number): boolean {
  return values.every((value, at) => !at || compare(values[at - 1]!, value) < 0);
}

function malformed(what: string): never {
  throw new CodecError('Malformed', what);
}

function limit(count: number, most: number): number {
  if (count > most) throw new CodecError('OverLimit', `${count} where ${most} is the limit`);
  return count;
}

function list<T>(reader: Reader, most: number, read: () => T): T[] {
  return Array.from({ length: limit(reader.uleb(), most) }, read);
}

const bytes = (reader: Reader, most: number): Uint8Array => reader.take(limit(reader.uleb(), most));

/** A reader for each column; they fill the rest of the body exactly. */
function readColumns(reader: Reader): (spec: number) => Reader {
  const specs = list(reader, COLUMNS.length, () => [reader.uleb(), reader.uleb()] as const);
  const columns = new Map<number, Reader>();
  let at = reader.at;
  for (const [spec, length] of specs) {
    if (!COLUMNS.includes(spec)) throw new CodecError('OutsideModel', `a column of kind ${spec}`);
    if (columns.has(spec)) malformed(`the column ${spec} stands twice`);
    columns.set(spec, new Reader(reader.source, at, at += length));
  }
  if (at > reader.end) throw new CodecError('Truncated', 'the columns are longer than the change');
  if (at < reader.end) malformed('bytes behind the columns');
  return (spec) => columns.get(spec) ?? new Reader(new Uint8Array());
}

function readOps(column: (spec: number) => Reader, actors: readonly string[]): Op[] {
  const numbers = (spec: number, most: number): number[] => {
    const reader = column(spec);
    return whole(readRuns(reader, () => reader.uleb(), most));
  };
  const actions = numbers(ACTION, OPERATIONS);
  const count = actions.length;
  if (actions.some((action) => action !== PUT && action !== DELETE)) {
    throw new CodecError('OutsideModel', 'an action other than put and delete');
  }
  const keyed = column(KEY);
  const keys = readRuns(keyed, () => text(bytes(keyed, KEY_BYTES)), count);
  if (keys.includes(undefined)) throw new CodecError('OutsideModel', 'an operation without a key of its own');
  const values = readValues(numbers(LENGTH, count), column(RAW));
  const preds = readPreds(numbers(PRED_COUNT, count), numbers, column, actors);
  refuseInsertions(column(INSERT), count);
  if (keys.length !== count || values.length !== count || preds.length !== count) malformed('columns of different lengths');
  return actions.map((action, at) => ({ key: keys[at]!, value: action === DELETE ? DELETED : values[at]!, pred: preds[at]! }));
}

function whole(values: readonly (number | undefined)[]): number[] {
  if (values.includes(undefined)) malformed('a number is missing');
  return values as number[];
}

function readValues(lengths: readonly number[], raw: Reader): Scalar[] {
  const values = lengths.map((meta) => readScalar(meta % 16, raw.take(limit(Math.floor(meta / 16), VALUE_BYTES))));
  if (raw.left) malformed('value bytes that belong to no operation');
  return values;
}

function readPreds(
  counts: readonly number[],
  numbers: (spec: number, most: number) => number[],
  column: (spec: number) => Reader,
  actors: readonly string[],
): OpId[][] {
  const total = limit(counts.reduce((sum, count) => sum + count, 0), PREDECESSORS);
  const places = numbers(PRED_ACTOR, total);
  const counters = whole(readDeltas(column(PRED_COUNTER), total));
  if (places.length !== total || counters.length !== total) malformed('predecessors of different lengths');
  const flat = places.map((place, at): OpId => ({ counter: counters[at]!, actor: actors[place] ?? malformed('a predecessor by nobody') }));
  if (!counters.every(inRange)) malformed("a predecessor's counter is out of range");
  let at = 0;
  return counts.map((count) => {
    const preds = flat.slice(at, at += count);
    return ascends(preds, byOpId) ? preds : malformed('predecessors are not in ascending order');
  });
}

/** Lengths of runs that alternate, false first. Flat keys know no insertion. */
function refuseInsertions(reader: Reader, most: number): void {
  let total = 0;
  for (let run = 0; reader.left; run++) {
    const length = reader.uleb();
    fits(total += length, most);
    if (run % 2 && length) throw new CodecError('OutsideModel', 'an insertion into a list');
  }
}
