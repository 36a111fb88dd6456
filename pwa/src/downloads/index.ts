/** Takes courses along: verifies the release, fetches what is missing piece by piece, and survives being killed.
 *
 * A new release is taken beside the old one and replaces it in one transaction, when it is whole; what did not change
 * is not fetched again. Nothing counts that was not checked against what the organisation signed. */

import { openContent, kept, type ContentStore, type Holding, type ReleaseRecord } from '../content/store.ts';
import { openRelease, piecesOf, readObject, type Piece, type Release } from '../content/release.ts';
import { Problem } from '../model.ts';
import { fetchPack, fetchRun, runsOf, type Fetching } from './fetching.ts';
import { isSigned } from './signature.ts';

export type { Holding, ReleaseRecord } from '../content/store.ts';

interface Listener {
  /** Some holding changed. */
  onChange(): void;
  /** Bytes came over the network. */
  onBytes(count: number): void;
}

export const canPlay = (codecs: string): boolean =>
  (globalThis.MediaSource ?? (globalThis as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource)?.isTypeSupported(codecs) ?? false;

export class Downloads {
  readonly #holdings = new Map<string, Holding>();
  readonly #running = new Map<string, AbortController>();

  private constructor(
    readonly store: ContentStore,
    private readonly listener: Listener,
  ) {}

  static async open(listener: Listener): Promise<Downloads> {
    const downloads = new Downloads(await openContent(), listener);
    for (const holding of await downloads.store.getAll('holdings')) downloads.#holdings.set(holding.course, await downloads.#sound(holding));
    return downloads;
  }

  /** A holding whose release the browser threw away is no holding any more. */
  async #sound(holding: Holding): Promise<Holding> {
    const lost = holding.held && !(await this.store.getKey('objects', holding.held.root));
    if (!lost) return holding;
    const { held: _, ...rest } = holding;
    return { ...rest, taken: 'wrong', problem: 'storage_lost', storedBytes: 0 };
  }

  holding(course: string): Holding | undefined {
    return this.#holdings.get(course);
  }

  /** What opens: the release that is held whole, else the one on its way as far as it has come. */
  async release(course: string): Promise<Release | undefined> {
    const holding = this.#holdings.get(course);
    const record = holding?.held ?? holding?.next;
    return record && (await this.has(record.root)) ? openRelease(this.store, record.root) : undefined;
  }

  object(digest: string): Promise<Uint8Array<ArrayBuffer>> {
    return readObject(this.store, digest);
  }

  async has(digest: string): Promise<boolean> {
    return (await this.store.getKey('objects', digest)) !== undefined;
  }

  /** Carries on with what was being taken when the app was closed or killed. */
  async resume(keyOf: (course: string) => Uint8Array<ArrayBuffer> | undefined): Promise<void> {
    for (const { course, taken, next } of this.#holdings.values()) {
      const key = keyOf(course);
      if (taken === 'taking' && next && key) await this.take(next, key).catch(() => undefined);
    }
  }

  /** Resolves when the course is whole. Throws `Problem`; what was fetched stays. */
  async take(record: ReleaseRecord, key: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#running.get(record.course)?.abort();
    const control = new AbortController();
    this.#running.set(record.course, control);
    const { problem: _, ...before } = this.#holdings.get(record.course) ?? { course: record.course, storedBytes: 0, totalBytes: 0 };
    await this.#keep({ ...before, next: record, taken: 'taking' });
    try {
      await this.#takeAll(record, key, control.signal);
    } catch (error) {
      if (this.#running.get(record.course) === control && !control.signal.aborted) await this.#stopped(record.course, error);
      if (!control.signal.aborted) throw error;
    } finally {
      if (this.#running.get(record.course) === control) this.#running.delete(record.course);
    }
  }

  async #stopped(course: string, error: unknown): Promise<void> {
    const problem = error instanceof Problem ? error.code : 'unknown';
    const holding = this.#holdings.get(course);
    const taken = problem === 'offline' || problem === 'busy' ? 'paused' : 'wrong';
    if (holding) await this.#keep({ ...holding, taken, problem }).catch(() => undefined);
  }

  async #takeAll(record: ReleaseRecord, key: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    const fetching: Fetching = { signal, onBytes: (count) => this.listener.onBytes(count) };
    const release = await this.#texts(record, key, fetching);
    const pieces = await piecesOf(this.store, release, record.root, canPlay);
    const missing = await this.#missing(pieces);
    const total = sizeOf(pieces);
    let stored = total - sizeOf(missing);
    for (const run of runsOf(missing)) {
      await this.#progress(record, stored, total);
      const found = await fetchRun(run, fetching);
      signal.throwIfAborted();
      await this.#keepObjects(found);
      stored += sizeOf(run);
    }
    signal.throwIfAborted();
    await this.#finish(record, pieces, total);
  }

  /** The release's texts, verified from the signature down. */
  async #texts(record: ReleaseRecord, key: Uint8Array<ArrayBuffer>, fetching: Fetching): Promise<Release> {
    if (!(await isSigned(record.root, record.signature, key))) throw new Problem('tampered', 'the signature');
    if (!(await this.#hasTexts(record.root))) {
      const held = this.#holdings.get(record.course)?.held?.root ?? '';
      await this.#keepObjects(await fetchPack(record.root, held, fetching));
    }
    return openRelease(this.store, record.root).catch((error: unknown) => {
      throw error instanceof Problem && error.code === 'not_on_phone' ? new Problem('tampered', 'a pack without its manifests') : error;
    });
  }

  async #hasTexts(root: string): Promise<boolean> {
    return openRelease(this.store, root).then(() => true, () => false);
  }

  async #missing(pieces: readonly Piece[]): Promise<Piece[]> {
    const held = await Promise.all(pieces.map(({ digest }) => this.has(digest)));
    return pieces.filter((_, at) => !held[at]);
  }

  /** What an update would fetch, beyond its texts, which it brings along at once: they are always taken. */
  async missingBytes(record: ReleaseRecord, key: Uint8Array<ArrayBuffer>): Promise<number> {
    const fetching: Fetching = { signal: new AbortController().signal, onBytes: (count) => this.listener.onBytes(count) };
    const release = await this.#texts(record, key, fetching);
    return sizeOf(await this.#missing(await piecesOf(this.store, release, record.root, canPlay)));
  }

  async pause(course: string): Promise<void> {
    this.#running.get(course)?.abort();
    this.#running.delete(course);
    const holding = this.#holdings.get(course);
    if (holding?.taken === 'taking') await this.#keep({ ...holding, taken: 'paused' });
  }

  /** Frees what no other course needs. */
  async remove(course: string): Promise<void> {
    await this.pause(course);
    this.#holdings.delete(course);
    await this.store.delete('holdings', course);
    await this.#sweep();
    this.listener.onChange();
  }

  async #finish(record: ReleaseRecord, pieces: readonly Piece[], total: number): Promise<void> {
    const holding: Holding = { course: record.course, held: record, taken: 'yes', storedBytes: total, totalBytes: total };
    await this.#keep(holding);
    await this.#sweep(pieces);
  }

  /** Throws away every object that no holding names. */
  async #sweep(known: readonly Piece[] = []): Promise<void> {
    const needed = new Set(known.map(({ digest }) => digest));
    for (const { held, next } of this.#holdings.values()) {
      for (const record of [held, next]) {
        if (!record || !(await this.#hasTexts(record.root))) continue;
        const pieces = await piecesOf(this.store, await openRelease(this.store, record.root), record.root, canPlay);
        for (const { digest } of pieces) needed.add(digest);
      }
    }
    const change = this.store.transaction('objects', 'readwrite');
    for (const digest of await change.store.getAllKeys()) if (!needed.has(digest)) void change.store.delete(digest);
    await change.done;
  }

  async #progress(record: ReleaseRecord, storedBytes: number, totalBytes: number): Promise<void> {
    const holding = this.#holdings.get(record.course);
    if (holding) await this.#keep({ ...holding, storedBytes, totalBytes });
  }

  async #keep(holding: Holding): Promise<void> {
    this.#holdings.set(holding.course, holding);
    await kept(() => this.store.put('holdings', holding));
    this.listener.onChange();
  }

  async #keepObjects(found: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Promise<void> {
    await kept(async () => {
      const change = this.store.transaction('objects', 'readwrite');
      await Promise.all([...[...found].map(([digest, bytes]) => change.store.put(bytes, digest)), change.done]);
    });
  }
}

const sizeOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { length }) => sum + length, 0);
