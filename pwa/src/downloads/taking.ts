/** Brings one release onto the phone, from its signature down to its last segment.
 *
 * Where it stands is read from the store at every attempt, so that killing it anywhere costs nothing but what was on
 * its way. Nothing of it opens before `settle` has switched to it. */

import { digestOf } from '../content/digest.ts';
import { begun, keepObjects, lengthOf, missingOf, readParts } from '../content/keeping.ts';
import { MANIFEST_BYTES_MAX, readManifest } from '../content/manifests.ts';
import { bytesOf, type Piece, type Release } from '../content/release.ts';
import type { ContentStore, ReleaseRecord } from '../content/store.ts';
import { Problem } from '../model.ts';
import type { Bytes } from '../codec/index.ts';
import type { Fetching } from './arriving.ts';
import { copy, type Source } from './copying.ts';
import { fetchUpdate, fetchRun, fetchWhole, runsOf } from './fetching.ts';
import { inLanes } from './lanes.ts';
import { placedIn, type Placed } from './placing.ts';
import { isSigned } from './signature.ts';
import { trying, type Rest } from './trying.ts';

/** What taking a release along starts from. `since` is the root that is held already, or empty. With a `source` all
 * comes from there, and nothing over the network. */
export interface Order {
  readonly source?: Source | undefined;
  readonly record: ReleaseRecord;
  readonly key: Bytes;
  readonly since: string;
}

export class Taking {
  readonly #wrong = new Set<string>();
  /** How many texts of an update came before it was cut. */
  #texted = 0;
  /** The lowest number that the release leaves good, once its texts are here. */
  floor = 0;

  constructor(
    private readonly store: ContentStore,
    private readonly order: Order,
    private readonly fetching: Fetching,
    private readonly rest: Rest,
  ) {}

  /** The release, once its texts are here. Throws `tampered` for what was not signed like this. */
  async release(): Promise<Release> {
    const { record, key } = this.order;
    if (!(await isSigned(record.root, record.signature, key))) throw new Problem('tampered', 'the signature');
    const count = () => this.store.count('objects');
    return this.#trying(() => this.#texts(), this.fetching.signal, count);
  }

  /** What opens the course, kept by whoever keeps it. */
  tools(keep: () => Promise<void>): Promise<void> {
    return this.#trying(keep, this.fetching.signal, async () => 0);
  }

  /** Fetches what is missing of the pieces; `onStored` is told how many bytes of them are here. */
  async bring(release: Release, pieces: readonly Piece[], onStored: (bytes: number) => void): Promise<void> {
    const missing = await missingOf(this.store, pieces);
    let stored = bytesOf(pieces) - bytesOf(missing);
    onStored(stored);
    const { source, record } = this.order;
    if (source) {
      // Who lacks something says so when all the rest is here.
      if (await copy(this.store, source, missing, this.fetching.signal, (bytes) => onStored(stored += bytes))) return;
      throw new Problem('offline', 'not whole on the card');
    }
    const placed = placedIn(release, record.root, missing);
    await inLanes(runsOf(placed, await begun(this.store)), this.fetching.signal, (run, signal) =>
      this.#bringRun(run, { ...this.fetching, signal }, (bytes) => onStored(stored += bytes)));
  }

  /** After a cut it goes on behind the last byte that came. */
  #bringRun(run: readonly Placed[], fetching: Fetching, onPiece: (bytes: number) => void): Promise<void> {
    const left = () => missingOf(this.store, run);
    const progress = async () => {
      const [first, ...others] = await left();
      return first ? bytesOf(run) - bytesOf([first, ...others]) + lengthOf(await readParts(this.store, first.digest)) : 0;
    };
    return this.#trying(async () => {
      const missing = await left();
      if (missing.length) await fetchRun(this.store, missing, fetching, onPiece);
    }, fetching.signal, progress);
  }

  #trying<T>(attempt: () => Promise<T>, signal: AbortSignal, progress: () => Promise<number>): Promise<T> {
    return trying(attempt, { signal, progress, rest: this.rest, wrong: this.#wrong });
  }

  /** An update brings most texts in one reply. What it leaves out, being large or cut off, is fetched by itself. */
  async #texts(): Promise<Release> {
    const { record, since, source } = this.order;
    if (!source && (this.#texted || !(await this.store.getKey('objects', record.root)))) {
      await fetchUpdate(this.store, { root: record.root, since, after: this.#texted }, this.fetching, () => this.#texted++);
    }
    this.#texted = 0;
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
    const fetched = await this.#brought(digest);
    await keepObjects(this.store, new Map([[digest, fetched]]));
    return fetched;
  }

  async #brought(digest: string): Promise<Bytes> {
    const { source } = this.order;
    if (!source) return fetchWhole(digest, MANIFEST_BYTES_MAX, this.fetching);
    if (!source.has(digest)) throw new Problem('offline', 'not on the card');
    const bytes = await source.read(digest, 0, MANIFEST_BYTES_MAX);
    if ((await digestOf(bytes)) !== digest) throw new Problem('tampered', digest);
    return bytes;
  }
}
