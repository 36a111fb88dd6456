/** Course content on this phone: objects by their SHA-256, and which releases they belong to.
 *
 * A database of its own, so that content can be thrown away without touching a learner's work. Media is kept by
 * segment, each under its own digest: what was verified stays, a cut wastes one segment. The worker reads here too. */

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Bytes } from '../codec/index.ts';
import { Problem, type ProblemCode, type Taken } from '../model.ts';

/** What travels beside a release (docs/bundle-format.md); hexadecimal. */
export interface ReleaseRecord {
  readonly course: string;
  readonly number: number;
  readonly root: string;
  readonly root_bytes: number;
  readonly signature: string;
  readonly key: string;
}

/** What a learner's budgets left of a release: activities that stay away for now, and of videos the picture (the digest
 * of its file). A video without one is taken in its smallest. */
export interface Chosen {
  readonly later: readonly string[];
  readonly pictures: Readonly<Record<string, string>>;
  /** Whether the phone had no room for what stays away. */
  readonly lacksRoom?: boolean;
}

/** How far taking a course along has come. `held` opens; `next` is on its way and replaces it when it is whole. */
export interface Holding {
  readonly course: string;
  readonly held?: ReleaseRecord;
  readonly next?: ReleaseRecord;
  /** What was chosen of each. */
  readonly heldChosen?: Chosen | undefined;
  readonly nextChosen?: Chosen | undefined;
  /** Releases below it were withdrawn: what is held does not open any more. */
  readonly floor?: number;
  readonly taken: Taken;
  readonly problem?: ProblemCode;
  readonly storedBytes: number;
  readonly totalBytes: number;
}

export interface Schema extends DBSchema {
  /** Verified: whole objects, and segments of media, each under its own digest. */
  objects: { key: string; value: Bytes };
  /** What has come of a piece that is not whole yet, by digest and offset: unverified, never opened. */
  parts: { key: [digest: string, offset: number]; value: Bytes };
  holdings: { key: string; value: Holding };
}

/** Reads verified objects: the store itself, or one transaction of it. */
export interface ObjectSource {
  get(store: 'objects', digest: string): Promise<Bytes | undefined>;
}

export type ContentStore = IDBPDatabase<Schema>;

let opening: Promise<ContentStore> | undefined;

/** One connection for the page, one for the worker; opened again when the browser closed it. */
export function openContent(): Promise<ContentStore> {
  opening ??= openDB<Schema>('tiffin-content', 1, {
    upgrade(database) {
      database.createObjectStore('objects');
      database.createObjectStore('parts');
      database.createObjectStore('holdings', { keyPath: 'course' });
    },
    terminated: () => void (opening = undefined),
    blocking: (_, __, event) => {
      (event.target as IDBDatabase).close();
      opening = undefined;
    },
  });
  return opening;
}

/** Runs a write; a full phone becomes a problem that says so. */
export async function kept<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw isFull(error) ? new Problem('phone_full') : error;
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === 'QuotaExceededError' || /quota|full/i.test(error.message));
