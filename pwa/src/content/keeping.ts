/** What is written to the content database, each as one transaction: a phone that is switched off in the middle finds
 * either all of it or nothing. */

import type { IDBPTransaction } from 'idb';
import type { Bytes } from '../codec/index.ts';
import { openRelease, piecesOf, type CanPlay, type Piece } from './release.ts';
import { kept, type ContentStore, type Holding, type ObjectSource, type Schema } from './store.ts';

const TURN_ITEMS = 8; // with the writing of each some 40 ms of a phone that has a sixth of a laptop's speed
const ALL = ['objects', 'parts', 'holdings'] as const;
type Change = IDBPTransaction<Schema, typeof ALL, 'readwrite'>;

/** Keeps verified objects; the parts they were put together from are not needed any more. */
export const keepObjects = (store: ContentStore, found: ReadonlyMap<string, Bytes>): Promise<void> =>
  inOne(store, async (change) => {
    await inTurns([...found], ([digest, bytes]) => Promise.all<unknown>([
      change.objectStore('objects').put(bytes, digest),
      change.objectStore('parts').delete(partsOf(digest)),
    ]));
  });

export const keepPart = (store: ContentStore, digest: string, offset: number, bytes: Bytes): Promise<unknown> =>
  kept(() => store.put('parts', bytes, [digest, offset]));

export const readParts = (store: ContentStore, digest: string): Promise<Bytes[]> => store.getAll('parts', partsOf(digest));

export const lengthOf = (parts: readonly Bytes[]): number => parts.reduce((sum, { length }) => sum + length, 0);

/** Digests of what has come in part. */
export const begun = async (store: ContentStore): Promise<Set<string>> =>
  new Set((await store.getAllKeys('parts')).map(([digest]) => digest));

export const dropParts = (store: ContentStore, digest: string): Promise<void> => store.delete('parts', partsOf(digest));

const partsOf = (digest: string): IDBKeyRange => IDBKeyRange.bound([digest], [digest, []]);

/** Asks for many things in turns, so that no turn freezes the screen of a slow phone. */
async function inTurns<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let at = 0; at < items.length; at += TURN_ITEMS) answers.push(...await Promise.all(items.slice(at, at + TURN_ITEMS).map(ask)));
  return answers;
}

/** Those that are not stored yet, in their order. */
export async function missingOf<P extends Piece>(store: ContentStore, pieces: readonly P[]): Promise<P[]> {
  const objects = store.transaction('objects').store;
  const keys = await inTurns(pieces, ({ digest }) => objects.getKey(digest));
  return pieces.filter((_, at) => keys[at] === undefined);
}

/** The one moment at which a new release replaces the old one; what only the old one needed goes with it.
 * Says false, and changes nothing, when a piece is missing all the same. */
export function settle(store: ContentStore, holding: Holding, pieces: readonly Piece[], canPlay: CanPlay): Promise<boolean> {
  return inOne(store, async (change) => {
    const keys = await inTurns(pieces, ({ digest }) => change.objectStore('objects').getKey(digest));
    if (keys.includes(undefined)) return false;
    await change.objectStore('holdings').put(holding);
    await sweep(change, canPlay);
    return true;
  });
}

/** Forgets a course, and frees what no other one needs. */
export const forget = (store: ContentStore, course: string, canPlay: CanPlay): Promise<void> =>
  inOne(store, async (change) => {
    await change.objectStore('holdings').delete(course);
    await sweep(change, canPlay);
  });

/** Throws away what no holding names. Within the caller's transaction, so that nothing can arrive between looking and
 * throwing away: every wait is for the transaction's own requests. */
async function sweep(change: Change, canPlay: CanPlay): Promise<void> {
  const objects = change.objectStore('objects'), parts = change.objectStore('parts');
  const needed = await neededDigests(await change.objectStore('holdings').getAll(), { get: (_, digest) => objects.get(digest) }, canPlay);
  const oldObjects = (await objects.getAllKeys()).filter((digest) => !needed.has(digest));
  const oldParts = (await parts.getAllKeys()).filter(([digest]) => !needed.has(digest));
  await inTurns(oldObjects, (digest) => objects.delete(digest));
  await inTurns(oldParts, (key) => parts.delete(key));
}

async function neededDigests(holdings: readonly Holding[], source: ObjectSource, canPlay: CanPlay): Promise<Set<string>> {
  const releases = holdings.flatMap(({ held, heldChosen, next, nextChosen }) => [{ record: held, chosen: heldChosen }, { record: next, chosen: nextChosen }]);
  const needed = new Set<string>();
  for (const { record, chosen } of releases) {
    const root = record?.root;
    if (!root) continue;
    // A release whose manifests are still on their way has no pieces yet: what it needs is asked for again.
    const pieces = await openRelease(source, root).then((release) => piecesOf(source, release, root, canPlay, chosen)).catch(() => []);
    for (const { digest } of pieces) needed.add(digest);
  }
  return needed;
}

async function inOne<T>(store: ContentStore, write: (change: Change) => Promise<T>): Promise<T> {
  return kept(async () => {
    const change = store.transaction(ALL, 'readwrite');
    const ended = change.done.catch(() => undefined); // what failed is told by the write itself, or below
    try {
      const result = await write(change);
      await change.done;
      return result;
    } catch (error) {
      abort(change);
      await ended;
      throw change.error ?? error; // a full phone is told by the transaction, not by its requests
    }
  });
}

function abort(change: Change): void {
  try {
    change.abort();
  } catch {
    // it has ended by itself
  }
}
