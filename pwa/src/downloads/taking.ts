/** Brings one release onto the phone, from its signature down to its last segment.
 *
 * Where it stands is read from the store at every attempt, so that killing it anywhere costs nothing but what was on
 * its way. Nothing of it opens before `settle` has switched to it. */

import { keepObjects, missingOf } from '../content/keeping.ts';
import { MANIFEST_BYTES_MAX, readManifest } from '../content/manifests.ts';
import { piecesOf, type CanPlay, type Piece, type Release } from '../content/release.ts';
import type { ContentStore, ReleaseRecord } from '../content/store.ts';
import { Problem } from '../model.ts';
import type { Bytes } from '../codec/index.ts';
import type { Fetching } from './arriving.ts';
import { fetchUpdate, fetchRun, fetchWhole, runsOf, WrongBytes } from './fetching.ts';
import { isSigned } from './signature.ts';

/** What taking a release along starts from. `since` is the root that is held already, or empty. */
export interface Order {
  readonly record: ReleaseRecord;
  readonly key: Bytes;
  readonly since: string;
}

export class Taking {
  readonly #wrong = new Set<string>();
  /** The lowest number that the release leaves good, once its texts are here. */
  floor = 0;

  constructor(
    private readonly store: ContentStore,
    private readonly order: Order,
    private readonly fetching: Fetching,
    private readonly canPlay: CanPlay,
  ) {}

  /** The pieces of the release, once its texts are here. Throws `tampered` for what was not signed like this. */
  async pieces(): Promise<Piece[]> {
    const { record, key } = this.order;
    if (!(await isSigned(record.root, record.signature, key))) throw new Problem('tampered', 'the signature');
    const release = await this.#trying(() => this.#texts());
    return piecesOf(this.store, release, record.root, this.canPlay);
  }

  /** Fetches what is missing of the pieces; `onStored` is told how many bytes of them are here. */
  async bring(pieces: readonly Piece[], onStored: (bytes: number) => void): Promise<void> {
    await this.#trying(async () => {
      const missing = await missingOf(this.store, pieces);
      let stored = bytesOf(pieces) - bytesOf(missing);
      for (const run of runsOf(missing)) {
        onStored(stored);
        await fetchRun(this.store, run, this.fetching, (bytes) => onStored(stored += bytes));
      }
    });
  }

  /** Wrong bytes are asked for once more. After a cut it goes on at once as long as each attempt brings something:
   * 2G drops many connections that the next one only continues. */
  async #trying<T>(attempt: () => Promise<T>): Promise<T> {
    for (let before = await this.#progress(); ;) {
      try {
        return await attempt();
      } catch (error) {
        if (this.fetching.signal.aborted) throw error;
        if (error instanceof WrongBytes) this.#onceMore(error.digest);
        else if (!(error instanceof Problem) || error.code !== 'offline') throw error;
        else {
          const now = await this.#progress();
          if (now === before) throw error;
          before = now;
        }
      }
    }
  }

  #onceMore(digest: string): void {
    if (this.#wrong.has(digest)) throw new Problem('tampered', digest);
    this.#wrong.add(digest);
  }

  /** Grows with everything that is kept. */
  async #progress(): Promise<number> {
    return (await this.store.count('objects')) * PARTS_MAX + (await this.store.count('parts'));
  }

  /** An update brings most texts in one reply. What it leaves out, being large or cut off, is fetched by itself. */
  async #texts(): Promise<Release> {
    const { record, since } = this.order;
    if (!(await this.store.getKey('objects', record.root))) await fetchUpdate(this.store, record.root, since, this.fetching);
    const root = readManifest(await this.#text(record.root), 'tiffin-release-1');
    if (root.course !== record.course || root.number !== record.number) throw new Problem('tampered', 'another release');
    if (root.expires && root.expires < new Date().toISOString().slice(0, 10)) throw new Problem('expired');
    this.floor = root.floor ?? 0;
    const lessons = [];
    for (const { manifest } of root.lessons) lessons.push(readManifest(await this.#text(manifest), 'tiffin-lesson-1'));
    for (const activity of lessons.flatMap(({ activities }) => activities)) {
      if (activity.kind === 'video') await this.#text(activity.stream.object);
    }
    return { root, lessons };
  }

  async #text(digest: string): Promise<Bytes> {
    const stored = await this.store.get('objects', digest);
    if (stored) return stored;
    const fetched = await fetchWhole(digest, MANIFEST_BYTES_MAX, this.fetching);
    await keepObjects(this.store, new Map([[digest, fetched]]));
    return fetched;
  }
}

const PARTS_MAX = 1 << 20; // more than parts can ever be: an object weighs more than the parts it was made of

export const bytesOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { length }) => sum + length, 0);
