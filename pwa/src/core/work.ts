/** One learner's documents: what she did, on the disk at once; into changes only when an exchange is near.
 *
 * Several tabs may be open. Each put is a row of its own; changes are written by one tab at a time, from what stands on
 * the disk, so that an actor never forks. */

import { DELETED, Document, type Scalar } from '../codec/index.ts';
import { bounded, fold, tick, type Stamp } from '../conflict/index.ts';
import { alone, write, type Database, type Pending, type StoredChange, type StoredProfile } from '../storage/database.ts';
import { MILESTONES, PROGRESS } from '../wire/index.ts';

const ACTOR_BYTES = 16;
const CHANGE_KEYS_MAX = 256; // puts in one change: far below what the door takes
const CHANGE_BYTES_MAX = 24_000;

export const newActor = (): Uint8Array => crypto.getRandomValues(new Uint8Array(ACTOR_BYTES));

const kindOf = (key: string): number => (key.startsWith('s/') ? MILESTONES : PROGRESS);
const nameOf = (course: string, kind: number): string => `${kind} ${course}`;
export const nowSeconds = (): number => Math.floor(Date.now() / 1000);

export class Work {
  #documents = new Map<string, Document>();

  private constructor(
    readonly database: Database,
    readonly profile: number,
  ) {}

  static async open(database: Database, profile: number): Promise<Work> {
    const work = new Work(database, profile);
    await work.reload();
    return work;
  }

  /** Reads the documents from the disk again. */
  async reload(): Promise<void> {
    const { actor } = await this.stored();
    const bodies = new Map<string, Uint8Array[]>();
    for (const { course, kind, body } of await this.changes()) {
      const name = nameOf(course, kind);
      bodies.set(name, [...(bodies.get(name) ?? []), body]);
    }
    const documents = new Map<string, Document>();
    for (const [name, some] of bodies) documents.set(name, await assembled(actor, some));
    for (const row of await this.pending()) {
      const document = documents.get(nameOf(row.course, row.kind)) ?? new Document(actor);
      documents.set(nameOf(row.course, row.kind), document);
      pend(document, row);
    }
    this.#documents = documents;
  }

  async stored(): Promise<StoredProfile> {
    const found = await this.database.get('profiles', this.profile);
    if (!found) throw new Error(`profile ${this.profile} is not on this phone`);
    return found;
  }

  changes(): Promise<StoredChange[]> {
    return this.database.getAllFromIndex('changes', 'profile', this.profile);
  }

  pending(): Promise<Pending[]> {
    return this.database.getAllFromIndex('pending', 'profile', this.profile);
  }

  /** What a key reads as, by the rules; null where nothing stands. */
  read(course: string, key: string): unknown {
    const document = this.#documents.get(nameOf(course, kindOf(key)));
    return document ? fold(key, document.current(key)).value : null;
  }

  keys(course: string, prefix: string): string[] {
    return this.#documents.get(nameOf(course, kindOf(prefix)))?.currentKeys(prefix) ?? [];
  }

  put(course: string, key: string, value: Exclude<Pending['value'], undefined>): Promise<void> {
    return this.#keep(course, [[key, value]]);
  }

  remove(course: string, ...keys: string[]): Promise<void> {
    return this.#keep(course, keys.map((key) => [key, undefined]));
  }

  async #keep(course: string, values: readonly (readonly [string, Pending['value']])[]): Promise<void> {
    const rows = values.map(([key, value]): Pending => ({ profile: this.profile, course, kind: kindOf(key), key, value }));
    await write(this.database, ['pending'], (change) => Promise.all(rows.map((row) => change.objectStore('pending').put(row))));
    const { actor } = await this.stored();
    for (const row of rows) {
      const name = nameOf(course, row.kind);
      if (!this.#documents.has(name)) this.#documents.set(name, new Document(actor));
      pend(this.#documents.get(name)!, row);
    }
  }

  /** The next stamp of the hybrid logical clock, kept before it is used. */
  async tick(): Promise<Stamp> {
    let stamp: Stamp = [0, 0];
    await write(this.database, ['profiles'], async (change) => {
      const profiles = change.objectStore('profiles');
      const stored = (await profiles.get(this.profile))!;
      stamp = tick(stored.clock, stored.anchor ? bounded(nowSeconds(), stored.anchor) : nowSeconds());
      await profiles.put({ ...stored, clock: stamp });
    });
    return stamp;
  }

  /** Writes everything that is pending into changes. */
  commit(): Promise<void> {
    return alone(`work-${this.profile}`, async () => {
      const rows = await this.pending();
      if (!rows.length) return;
      await this.reload();
      for (const part of parts(rows)) await this.#commitPart(part);
      await this.reload();
    });
  }

  /** One change of some rows of one document. Rows that were written again meanwhile stay pending. */
  async #commitPart(rows: readonly Pending[]): Promise<void> {
    const { course, kind } = rows[0]!;
    const { actor } = await this.stored();
    const bodies = (await this.changes()).filter((change) => change.course === course && change.kind === kind);
    const document = await assembled(actor, bodies.map(({ body }) => body));
    for (const row of rows) pend(document, row);
    const body = await document.commit(nowSeconds());
    const hash = document.heads[0] ?? '';
    await write(this.database, ['changes', 'pending'], async (change) => {
      const pending = change.objectStore('pending');
      if (body) await change.objectStore('changes').add({ profile: this.profile, course, kind, hash, body, waiting: true });
      for (const row of rows) {
        const now = await pending.get([row.profile, row.course, row.kind, row.key]);
        if (now && same(now.value, row.value)) await pending.delete([row.profile, row.course, row.kind, row.key]);
      }
    });
  }
}

/** A document of changes that may stand before what they build on: such a one waits until the rest has come. */
async function assembled(actor: string, bodies: readonly Uint8Array[]): Promise<Document> {
  const document = new Document(actor);
  let left = [...bodies];
  for (let before = -1; left.length && left.length !== before;) {
    before = left.length;
    const later: Uint8Array[] = [];
    for (const body of left) await document.apply(body).catch(() => later.push(body));
    left = later;
  }
  return document;
}

function pend(document: Document, { key, value }: Pending): void {
  document.pend({ key, value: value === undefined ? DELETED : (value as Scalar), pred: [] });
}

function same(a: Pending['value'], b: Pending['value']): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return a.length === b.length && a.every((byte, at) => byte === b[at]);
  return a === b;
}

/** Rows by document, in lots that fit into a change. */
function parts(rows: readonly Pending[]): Pending[][] {
  const lots = new Map<string, Pending[][]>();
  const sizes = new Map<Pending[], number>();
  for (const row of rows) {
    const of = lots.get(nameOf(row.course, row.kind)) ?? [];
    lots.set(nameOf(row.course, row.kind), of);
    const size = row.key.length + (typeof row.value === 'string' ? 4 * row.value.length : row.value instanceof Uint8Array ? row.value.length : 1);
    const last = of.at(-1);
    if (last && last.length < CHANGE_KEYS_MAX && sizes.get(last)! + size <= CHANGE_BYTES_MAX) {
      last.push(row);
      sizes.set(last, sizes.get(last)! + size);
    } else {
      of.push([row]);
      sizes.set(of.at(-1)!, size);
    }
  }
  return [...lots.values()].flat();
}
