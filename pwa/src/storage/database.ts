/** A learner's work on this phone. Everything that was said to be kept is on the disk when its promise resolves.
 *
 * Changes stand in the order in which they came; `pending` holds puts that are in no change yet; records are the sealed
 * attempts, numbered from 0 for ever; events are numbered likewise and go when they are acknowledged. */

import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import type { Bytes } from '../codec/index.ts';
import type { Stamp } from '../conflict/index.ts';
import { kept } from '../content/store.ts';
import type { LastExchange } from '../model.ts';
import type { LearningEvent } from '../wire/index.ts';

/** One learner on this phone, and how far her exchange has come. Actors are hexadecimal, `anchor` is in seconds.
 *
 * `number` is this phone's and never changes; `remote` is the server's, 0 while it knows of none: a server that was
 * set back may give a number away twice, and no learner's work may go out under another's name. */
export interface StoredProfile {
  readonly number: number;
  readonly remote: number;
  readonly learnerId: string;
  readonly learner: string;
  readonly organisation: string;
  readonly language: string;
  readonly releaseKey: Bytes;
  /** The key that will follow, and how often one has (docs/bundle-format.md, "Trust"). */
  readonly nextReleaseKey?: Bytes | undefined;
  readonly keyGeneration?: number | undefined;
  readonly pushKey: string;
  readonly actor: string;
  readonly epoch: Uint8Array;
  readonly cursor: number;
  readonly anchor: number;
  /** This phone's clock, in milliseconds, when the anchor was heard. */
  readonly heardAt: number;
  readonly clock: Stamp;
  readonly sendMine: boolean;
  readonly recordsSent: number;
  readonly eventsNext: number;
  /** Events before this one may have travelled, and are never written again. */
  readonly eventsSealed: number;
  /** Events before this one were acknowledged, or are counted in `eventsDropped`. */
  readonly eventsSent?: number;
  readonly eventsDropped?: number;
  /** Grows with every write of changes and puts: a tab whose memory is of another version reads them anew. */
  readonly version: number;
  readonly status: string;
  readonly subscription: string;
  readonly lastExchange?: LastExchange;
}

export interface StoredChange {
  readonly profile: number;
  readonly course: string;
  readonly kind: number;
  readonly hash: string;
  readonly body: Uint8Array;
  /** The profile's number while it is unsent, else absent: an index of these alone. */
  readonly waiting?: number;
}

export interface Pending {
  readonly profile: number;
  readonly course: string;
  readonly kind: number;
  readonly key: string;
  /** Undefined: deleted. */
  readonly value: string | number | boolean | Uint8Array | undefined;
}

export interface StoredRecord {
  readonly profile: number;
  readonly place: number;
  readonly course: string;
  readonly activity: string;
  readonly number: number;
  readonly record: Bytes;
  readonly hash: Bytes;
}

export interface StoredEvent extends LearningEvent {
  readonly profile: number;
  readonly sequence: number;
  readonly course: string;
}

/** A grade as it came (docs/protocol.md, kind 16). What a trainer said of a whole assessment has no `number`, and stands
 * under the course's and the activity's names. */
export interface StoredGrade {
  readonly profile: number;
  readonly submission: string;
  readonly course: string;
  readonly activity: string;
  readonly number: number;
  readonly state: 'graded' | 'excess' | 'review' | 'refused';
  readonly score: number;
  readonly max: number;
  readonly passed: boolean;
  readonly points: readonly number[];
  readonly feedback: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly comments?: Readonly<Record<string, string>>;
}

/** A course as it was announced (kinds 17 and 19). */
export interface StoredCourse {
  readonly profile: number;
  readonly course: string;
  readonly on: boolean;
  readonly release?: Announced;
}

export interface Announced {
  readonly course: string;
  readonly number: number;
  readonly root: string;
  readonly root_bytes: number;
  readonly signature: string;
  readonly key: string;
  readonly title: Readonly<Record<string, string>>;
  readonly description: Readonly<Record<string, string>>;
  readonly languages: readonly string[];
  readonly bytes: Readonly<Record<string, number>>;
}

/** This installation: a key pair that never leaves the browser, and its id. */
export interface StoredDevice {
  readonly key: CryptoKeyPair;
  readonly publicKey: Bytes;
  readonly id: Bytes;
}

/** How long a quiz took so far: `since` in milliseconds, `took` in tenths of seconds by question. */
export interface Sitting {
  readonly started: number;
  readonly since: number;
  readonly took: Readonly<Record<string, number>>;
}

export interface Schema extends DBSchema {
  settings: { key: string; value: unknown };
  profiles: { key: number; value: StoredProfile };
  changes: { key: number; value: StoredChange; indexes: { profile: number; waiting: number } };
  pending: { key: [number, string, number, string]; value: Pending; indexes: { profile: number } };
  records: { key: [number, number]; value: StoredRecord; indexes: { profile: number } };
  events: { key: [number, number]; value: StoredEvent; indexes: { profile: number } };
  grades: { key: [number, string]; value: StoredGrade; indexes: { profile: number } };
  courses: { key: [number, string]; value: StoredCourse; indexes: { profile: number } };
}

export type Database = IDBPDatabase<Schema>;
type Stores = StoreNames<Schema>;
export type Change<S extends Stores> = IDBPTransaction<Schema, S[], 'readwrite'>;

const KEYS = {
  pending: ['profile', 'course', 'kind', 'key'],
  records: ['profile', 'place'],
  events: ['profile', 'sequence'],
  grades: ['profile', 'submission'],
  courses: ['profile', 'course'],
} as const;

export function openDatabase(name = 'tiffin'): Promise<Database> {
  return openDB<Schema>(name, 1, {
    upgrade(database) {
      database.createObjectStore('settings');
      database.createObjectStore('profiles', { keyPath: 'number' });
      const changes = database.createObjectStore('changes', { autoIncrement: true });
      changes.createIndex('profile', 'profile');
      changes.createIndex('waiting', 'waiting');
      for (const store of Object.keys(KEYS) as (keyof typeof KEYS)[]) {
        database.createObjectStore(store, { keyPath: [...KEYS[store]] }).createIndex('profile', 'profile');
      }
    },
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
    terminated: () => globalThis.location?.reload(), // thrown away or damaged: what is left is looked at anew
  });
}

/** One transaction that is on the disk when this resolves, or has changed nothing. A full phone says `phone_full`. */
export function write<S extends Stores>(database: Database, stores: S[], change: (transaction: Change<S>) => unknown): Promise<void> {
  return kept(async () => {
    const transaction = database.transaction(stores, 'readwrite', { durability: 'strict' });
    try {
      await change(transaction);
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // it has ended by itself
      }
      // A browser that is out of room tells each request that it was aborted, and the transaction why.
      const cause: unknown = await transaction.done.catch((ended: unknown) => ended);
      throw (error as DOMException).name === 'AbortError' ? (cause ?? error) : error;
    }
    await transaction.done;
  });
}

/** Those of a profile's settings that go by `what/profile/…`. */
export const keysUnder = (what: string, profile: number): IDBKeyRange => IDBKeyRange.bound(`${what}/${profile}/`, `${what}/${profile}/~`);

/** A profile's events before the one of this number. */
export const eventsOf = (profile: number, upto: number): IDBKeyRange => IDBKeyRange.bound([profile, 0], [profile, upto], false, true);

export const keepSetting = (database: Database, key: string, value: unknown): Promise<void> =>
  write(database, ['settings'], (change) => change.objectStore('settings').put(value, key));

const queues = new Map<string, Promise<unknown>>();

/** One at a time, in all tabs of this phone. */
export function alone<T>(name: string, run: () => Promise<T>): Promise<T> {
  if (globalThis.navigator?.locks) return navigator.locks.request(`tiffin-${name}`, run) as Promise<T>;
  const next = (queues.get(name) ?? Promise.resolve()).then(run, run);
  queues.set(name, next.catch(() => undefined));
  return next;
}
