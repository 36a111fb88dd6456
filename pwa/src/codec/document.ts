/** A replica of one document: the changes it holds, and what of their puts survives.
 *
 * A put survives until a change that had seen it replaces it; `survivors` depends on the set of changes alone, not on
 * their order. The same as `sync/codec/document.py`. Writers take turns: two commits at once would fork the actor. */

import { byOpId, changeHash, decode, DELETED, encode, type Change, type Op, type OpId } from './change.ts';
import { MissingDependencies } from './errors.ts';
import type { Bytes } from './leb.ts';
import type { Scalar } from './scalars.ts';

export interface Survivor {
  readonly op: OpId;
  readonly value: Scalar;
}

type Pending = Scalar | typeof DELETED;

export class Document {
  readonly #bodies = new Map<string, Uint8Array>();
  readonly #heads = new Set<string>();
  readonly #survivors = new Map<string, Survivor[]>();
  readonly #sequences = new Map<string, number>();
  readonly #pending = new Map<string, Pending>();
  #opMax = 0;

  constructor(readonly actor: string) {}

  static async load(actor: string, bodies: Iterable<Uint8Array>): Promise<Document> {
    const document = new Document(actor);
    for (const body of bodies) await document.apply(body);
    return document;
  }

  get heads(): string[] {
    return [...this.#heads].sort();
  }

  /** Every change held, each after what it depends on. */
  get bodies(): Uint8Array[] {
    return [...this.#bodies.values()];
  }

  /** Takes one change in; a known one changes nothing. Gives its hash. Throws `MissingDependencies`, `CodecError`. */
  async apply(body: Uint8Array): Promise<string> {
    const name = await changeHash(body);
    if (!this.#bodies.has(name)) {
      const change = decode(body);
      const missing = change.deps.filter((dep) => !this.#bodies.has(dep));
      if (missing.length) throw new MissingDependencies(missing);
      this.#take(name, body, change);
    }
    return name;
  }

  #take(name: string, body: Uint8Array, change: Change): void {
    this.#bodies.set(name, body);
    for (const dep of change.deps) this.#heads.delete(dep);
    this.#heads.add(name);
    this.#sequences.set(change.actor, Math.max(change.seq, this.#sequences.get(change.actor) ?? 0));
    this.#opMax = Math.max(this.#opMax, change.startOp + change.ops.length - 1);
    change.ops.forEach((op, at) => this.#replace(op, { counter: change.startOp + at, actor: change.actor }));
  }

  #replace({ key, value, pred }: Op, op: OpId): void {
    const left = this.survivors(key).filter((survivor) => !pred.some((replaced) => !byOpId(survivor.op, replaced)));
    if (value !== DELETED) left.push({ op, value });
    if (left.length) this.#survivors.set(key, left.sort((a, b) => byOpId(a.op, b.op)));
    else this.#survivors.delete(key);
  }

  /** What stands at a key, in Lamport order; more than one were written without knowing of each other. */
  survivors(key: string): readonly Survivor[] {
    return this.#survivors.get(key) ?? [];
  }

  keys(prefix = ''): string[] {
    return [...this.#survivors.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /** What a reader here sees at a key: her own unwritten put, else what survives. */
  current(key: string): readonly Survivor[] {
    const value = this.#pending.get(key);
    if (value === undefined) return this.survivors(key);
    return value === DELETED ? [] : [{ op: { counter: this.#opMax + 1, actor: this.actor }, value }];
  }

  /** The keys at which `current` gives something. */
  currentKeys(prefix = ''): string[] {
    const keys = new Set([...this.keys(prefix), ...[...this.#pending.keys()].filter((key) => key.startsWith(prefix))]);
    return [...keys].filter((key) => this.current(key).length).sort();
  }

  /** Writes at the next commit; the last put of a key before it is the one that counts. */
  put(key: string, value: Scalar): void {
    this.#pending.set(key, value);
  }

  delete(key: string): void {
    this.#pending.set(key, DELETED);
  }

  /** Writes at the next commit what another change had written. */
  pend({ key, value }: Op): void {
    this.#pending.set(key, value);
  }

  /** One change of all that was put since the last; nothing to write gives none. `time`: seconds since 1970.
   * A reader sees each put all the while: as pending until it stands in the change. */
  async commit(time: number): Promise<Bytes | undefined> {
    const written = [...this.#pending];
    const ops = written
      .filter(([key, value]) => value !== DELETED || this.#survivors.has(key))
      .map(([key, value]): Op => ({ key, value, pred: this.survivors(key).map(({ op }) => op) }));
    const seq = (this.#sequences.get(this.actor) ?? 0) + 1;
    const change: Change = { actor: this.actor, seq, startOp: this.#opMax + 1, time, deps: this.heads, ops };
    const body = encode(change);
    const name = await changeHash(body);
    for (const [key, value] of written) if (this.#pending.get(key) === value) this.#pending.delete(key);
    if (!ops.length) return undefined;
    this.#take(name, body, change);
    return body;
  }
}
