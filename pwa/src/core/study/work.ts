/** One learner's documents: what she did, on the disk at once; into changes only when an exchange is near.
 *
 * Several tabs may be open. Whoever writes holds the profile's lock and has in memory what stands on the disk, so that
 * an actor never forks and nothing is written over unseen. What a deed amounts to is one transaction: a phone that dies
 * keeps all of it or none. Puts become changes before anything of another phone is taken in, for they had not seen it. */

import type { StoreNames } from 'idb';
import { decode, DELETED, Document, toHex, type Scalar } from '../../codec/index.ts';
import { bounded, fold, tick, type Stamp } from '../../conflict/index.ts';
import { Problem, type Waiting } from '../../model.ts';
import { alone, eventsOf, write, type Change, type Database, type Pending, type Schema, type StoredChange, type StoredProfile, type StoredRecord } from '../../storage/database.ts';
import { MILESTONES, PLAYED, PROGRESS } from '../../wire/index.ts';
import { waitingOf } from '../exchange/outbox.ts';

const ACTOR_BYTES = 16;
const PUT_BYTES_MAX = 16_384; // what the codec takes as one value
const PENDING_BYTES_MAX = 24_000; // with one more put still below what the door takes as one change
const EVENTS_MAX = 4_096; // a busy month, some 600 KB on the disk
const EVENTS_AT_ONCE = 512; // what makes room at a time on a full phone: for a long attempt or a few notes
const PLAYED_GAP_SECONDS = 60; // playing on within a minute is one event

export const newActor = (): string => toHex(crypto.getRandomValues(new Uint8Array(ACTOR_BYTES)));
export const nowSeconds = (): number => Math.floor(Date.now() / 1000);

const kindOf = (key: string): number => (key.startsWith('s/') ? MILESTONES : PROGRESS);
const nameOf = ({ course, kind }: { course: string; kind: number }): string => `${kind} ${course}`;

/** A key and its value; undefined removes it. */
export type Put = readonly [key: string, value: Pending['value']];

/** What one act of a learner writes, all at once. */
export interface Deed {
  readonly puts?: readonly Put[];
  readonly event?: { readonly verb: number; readonly activity: string; readonly seconds?: number };
  readonly record?: StoredRecord;
  /** Undefined: no longer. */
  readonly settings?: readonly (readonly [key: string, value: unknown])[];
}

export class Work {
  #documents = new Map<string, Document>();
  #version = -1;
  #pendingBytes = 0;
  /** Changes of this phone's own are not all there: the browser lost some. */
  isTorn = false;

  constructor(
    readonly database: Database,
    readonly profile: number,
  ) {}

  static async open(database: Database, profile: number): Promise<Work> {
    const work = new Work(database, profile);
    await work.refresh();
    return work;
  }

  async stored(): Promise<StoredProfile> {
    const found = await this.database.get('profiles', this.profile);
    if (!found) throw new Problem('storage_lost', `profile ${this.profile}`);
    return found;
  }

  changes(): Promise<StoredChange[]> {
    return this.database.getAllFromIndex('changes', 'profile', this.profile);
  }

  async waiting(): Promise<Waiting> {
    return waitingOf(this.database, await this.stored());
  }

  /** Runs while no other tab writes, on what stands on the disk. */
  alone<T>(run: (profile: StoredProfile) => Promise<T>): Promise<T> {
    return alone(`work-${this.profile}`, async () => {
      const profile = await this.stored();
      if (profile.version !== this.#version) await this.#load(profile);
      return run(profile);
    });
  }

  /** Memory is as the disk is. */
  refresh(): Promise<void> {
    return this.alone(async () => undefined);
  }

  async #load({ actor, version }: StoredProfile): Promise<void> {
    const rows = await this.database.getAllFromIndex('pending', 'profile', this.profile);
    const { documents, left } = await assembled(actor, await this.changes());
    this.isTorn = left.some(({ body }) => decode(body).actor === actor);
    this.#documents = documents;
    this.#pendingBytes = 0;
    this.#pend(actor, rows);
    this.#version = version;
  }

  #pend(actor: string, rows: readonly Pending[]): void {
    for (const row of rows) {
      documentIn(this.#documents, actor, row).pend({ key: row.key, value: row.value === undefined ? DELETED : row.value, pred: [] });
      this.#pendingBytes += row.key.length + sizeOf(row.value);
    }
  }

  /** What a key reads as, by the rules; null where nothing stands. */
  read(course: string, key: string): unknown {
    const document = this.#documents.get(nameOf({ course, kind: kindOf(key) }));
    return document ? fold(key, document.current(key)).value : null;
  }

  keys(course: string, prefix: string): string[] {
    return this.#documents.get(nameOf({ course, kind: kindOf(prefix) }))?.currentKeys(prefix) ?? [];
  }

  /** On the disk when it resolves. `plan` is asked while nobody else writes. Throws `Problem`: phone_full. */
  do(course: string, plan: (stamp: Stamp, profile: StoredProfile) => Deed | Promise<Deed>): Promise<void> {
    return this.alone(async (profile) => {
      const { anchor, clock } = profile;
      const stamp = tick(clock, anchor ? bounded(nowSeconds(), anchor) : nowSeconds());
      const deed = await plan(stamp, profile);
      const rows = (deed.puts ?? []).map(([key, value]): Pending => ({ profile: this.profile, course, kind: kindOf(key), key, value }));
      if (rows.some(({ value }) => sizeOf(value) > PUT_BYTES_MAX)) throw new Problem('unknown', 'a text that is too long');
      await this.write(['profiles', 'pending', 'events', 'records', 'settings'], async (change) => {
        for (const row of rows) await change.objectStore('pending').put(row);
        if (deed.record) await change.objectStore('records').add(deed.record);
        for (const [key, value] of deed.settings ?? []) await (value ? change.objectStore('settings').put(value, key) : change.objectStore('settings').delete(key));
        await grow(change, this.profile, { clock: stamp, ...(deed.event ? await happened(change, profile, course, deed.event) : {}) });
      });
      this.#version += 1;
      this.#pend(profile.actor, rows);
      // The deed is kept whether or not it is in a change by now.
      if (this.#pendingBytes > PENDING_BYTES_MAX) await this.commit().catch(() => undefined);
    });
  }

  /** On a full phone the oldest events make room, and nothing else ever does. Throws `Problem`: phone_full. */
  async write<S extends StoreNames<Schema>>(stores: S[], change: (transaction: Change<S>) => unknown): Promise<void> {
    for (;;) {
      try {
        return await write(this.database, stores, change);
      } catch (error) {
        const oldest = await this.#oldestEvent();
        if ((error as Problem).code !== 'phone_full' || oldest === undefined) throw error;
        await this.database.delete('events', eventsOf(this.profile, oldest + EVENTS_AT_ONCE));
      }
    }
  }

  /** Writes what concerns the profile and none of its documents. */
  amend(fields: Partial<StoredProfile>): Promise<void> {
    return write(this.database, ['profiles'], async (change) => {
      const profiles = change.objectStore('profiles');
      await profiles.put({ ...(await profiles.get(this.profile))!, ...fields });
    });
  }

  async #oldestEvent(): Promise<number | undefined> {
    return (await this.database.getKeyFromIndex('events', 'profile', this.profile))?.[1];
  }

  /** Events that made room before any server had acknowledged them. The oldest go first, so they are what is missing
   * between those that were acknowledged and those that are here: letting them go writes nothing. */
  async dropped(): Promise<number> {
    const { eventsNext, eventsSent, eventsDropped = 0 } = await this.stored();
    const oldest = (await this.#oldestEvent()) ?? eventsNext;
    return eventsDropped + Math.max(0, oldest - (eventsSent ?? oldest));
  }

  /** Writes everything that is pending into changes, one for each document. Only inside `alone`. */
  async commit(): Promise<void> {
    const rows = await this.database.getAllFromIndex('pending', 'profile', this.profile);
    const before = this.#version;
    this.#version = -1; // until it is on the disk, memory is ahead of it
    const changes: StoredChange[] = [];
    for (const { course, kind } of new Map(rows.map((row) => [nameOf(row), row])).values()) {
      const document = this.#documents.get(nameOf({ course, kind }))!;
      const body = await document.commit(nowSeconds());
      if (body) changes.push({ profile: this.profile, course, kind, hash: document.heads[0]!, body, waiting: this.profile });
    }
    await this.write(['profiles', 'changes', 'pending'], async (change) => {
      for (const one of changes) await change.objectStore('changes').add(one);
      await change.objectStore('pending').delete(IDBKeyRange.bound([this.profile], [this.profile, []]));
      await grow(change, this.profile, {});
    });
    this.#version = before + 1;
    this.#pendingBytes = 0;
  }
}

interface Profiles {
  objectStore(name: 'profiles'): { get(number: number): Promise<StoredProfile | undefined>; put(profile: StoredProfile): Promise<unknown> };
}

/** The profile's next version, with what is new in it. */
export async function grow(change: Profiles, number: number, fields: Partial<StoredProfile>): Promise<void> {
  const profiles = change.objectStore('profiles');
  const now = (await profiles.get(number))!;
  await profiles.put({ ...now, ...fields, version: now.version + 1 });
}

/** Documents of changes that may stand before what they build on; `left`: what builds on something that is not here. */
export async function assembled(actor: string, changes: readonly StoredChange[]): Promise<{ documents: Map<string, Document>; left: StoredChange[] }> {
  const documents = new Map<string, Document>();
  let left = [...changes];
  for (let before = -1; left.length && left.length !== before;) {
    before = left.length;
    const later: StoredChange[] = [];
    for (const one of left) await documentIn(documents, actor, one).apply(one.body).catch(() => later.push(one));
    left = later;
  }
  return { documents, left };
}

export function documentIn(documents: Map<string, Document>, actor: string, of: { course: string; kind: number }): Document {
  const document = documents.get(nameOf(of)) ?? new Document(actor);
  documents.set(nameOf(of), document);
  return document;
}

function sizeOf(value: Scalar | undefined): number {
  return typeof value === 'string' ? new TextEncoder().encode(value).length : value instanceof Uint8Array ? value.length : 1;
}

type Writing = Change<'profiles' | 'pending' | 'events' | 'records' | 'settings'>;

/** Playing on makes the last event longer: a lecture is one row, not one for each report. */
async function happened(change: Writing, profile: StoredProfile, course: string, event: NonNullable<Deed['event']>): Promise<Partial<StoredProfile>> {
  const { verb, activity, seconds = 0 } = event;
  const events = change.objectStore('events');
  const { number, eventsNext, eventsSealed } = profile;
  const last = eventsNext > eventsSealed ? await events.get([number, eventsNext - 1]) : undefined;
  const isSame = last?.course === course && last.activity === activity && last.verb === verb && verb === PLAYED;
  if (isSame && nowSeconds() - seconds - last.started - last.seconds <= PLAYED_GAP_SECONDS) {
    await events.put({ ...last, seconds: last.seconds + seconds });
    return {};
  }
  if (eventsNext >= EVENTS_MAX) await events.delete(eventsOf(number, eventsNext + 1 - EVENTS_MAX));
  await events.add({ profile: number, sequence: eventsNext, course, verb, activity, started: nowSeconds() - seconds, seconds });
  return { eventsNext: eventsNext + 1 };
}


