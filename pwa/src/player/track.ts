/** One buffer of a media source and the rendition that fills it.
 *
 * Which segments are in is asked of the buffer itself: browsers throw stretches out as they see fit. */

import type { Bytes } from '../codec/index.ts';
import type { Rendition } from '../content/manifests.ts';
import type { ContentStore } from '../content/store.ts';
import { digestOf } from '../content/digest.ts';
import { Problem } from '../model.ts';
import { bytesOf } from '../wire/index.ts';

const AHEAD_SECONDS = 40; // more than the longest segment: enough to never stall from storage, little enough for 1 GB of memory
const BEHIND_SECONDS = 30; // what "again, please" goes back to
const BEHIND_SECONDS_LEAST = 10; // browsers remove whole groups of pictures, never the one that is shown
const EDGE_SECONDS = 1; // a frame that reaches over the edge stays, and is nothing to remove again
const TRIES_MAX = 2; // a segment that does not show in its buffer would be appended for ever

/** Where the element stands, in seconds; undefined once it is not fed any more. */
type Place = () => number | undefined;

export class Track {
  /** The middle of each segment, in seconds: edges lie a little off, as sound and picture are cut at other places. */
  readonly #middles: number[] = [];
  readonly #tries = new Map<number, number>();
  readonly #last: number;

  constructor(
    private readonly buffer: SourceBuffer,
    private readonly rendition: Rendition,
    private readonly store: ContentStore,
  ) {
    let at = 0;
    for (const [, , milliseconds] of rendition.segments) {
      this.#middles.push((at + milliseconds / 2) / 1000);
      at += milliseconds;
    }
    this.#last = this.#middles.length - 1;
  }

  async start(): Promise<void> {
    const [offset, length, digest] = this.rendition.init;
    await this.#append(await this.#bytes(offset, length, digest));
  }

  /** Appends what is missing around the place, which may move meanwhile; says whether the end is in. */
  async feed(place: Place): Promise<boolean> {
    for (let at = this.#wanted(place); at !== undefined; at = this.#wanted(place)) {
      this.#tries.set(at, (this.#tries.get(at) ?? 0) + 1);
      const [offset, length, , digest] = this.rendition.segments[at]!;
      const bytes = await this.#bytes(offset, length, digest);
      if (place() === undefined) return false;
      await this.#makeRoom(place, BEHIND_SECONDS);
      await this.#append(bytes).catch(async (error: unknown) => {
        if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') throw error;
        await this.#makeRoom(place, BEHIND_SECONDS_LEAST);
        await this.#append(bytes);
      });
    }
    return this.#isIn(this.#last);
  }

  /** The next segment to append: the one that is watched, then those that follow. Sound may end before its picture:
   * beyond its end the last one is wanted, since a source that lacks it never comes to its end. */
  #wanted(place: Place): number | undefined {
    const now = place();
    if (now === undefined) return undefined;
    const watched = this.#middles.findIndex((_, at) => this.#endOf(at) > now);
    for (let at = watched < 0 ? this.#last : watched; at <= this.#last && this.#startOf(at) < now + AHEAD_SECONDS; at++) {
      if (!this.#isIn(at)) return at;
    }
    return undefined;
  }

  #startOf(at: number): number {
    return this.#middles[at]! - this.rendition.segments[at]![2] / 2000;
  }

  #endOf(at: number): number {
    return this.#middles[at]! + this.rendition.segments[at]![2] / 2000;
  }

  #isIn(at: number): boolean {
    const { buffered } = this.buffer, middle = this.#middles[at]!;
    for (let range = 0; range < buffered.length; range++) {
      if (buffered.start(range) <= middle && middle < buffered.end(range)) {
        this.#tries.delete(at);
        return true;
      }
    }
    return (this.#tries.get(at) ?? 0) >= TRIES_MAX;
  }

  /** Memory is small: what lies far behind or ahead is dropped, and read again when she goes there. */
  async #makeRoom(place: Place, behindSeconds: number): Promise<void> {
    const now = place() ?? 0;
    await this.#remove(0, now - behindSeconds);
    await this.#remove(now + 2 * AHEAD_SECONDS, Infinity);
  }

  async #remove(from: number, to: number): Promise<void> {
    const { buffered } = this.buffer;
    const isAny = Array.from({ length: buffered.length }, (_, range) => range)
      .some((range) => buffered.start(range) < to - EDGE_SECONDS && buffered.end(range) > from + EDGE_SECONDS);
    if (isAny) await this.#updated(() => this.buffer.remove(from, to));
  }

  async #bytes(offset: number, length: number, digest: string): Promise<Bytes> {
    const stored = await this.store.get('objects', digest);
    if (stored) return stored;
    const range = { Range: `bytes=${offset}-${offset + length - 1}` };
    const reply = await fetch(`/v1/objects/${this.rendition.object}`, { headers: range, credentials: 'omit' }).catch(() => undefined);
    if (reply?.status !== 206) throw new Problem('not_on_phone');
    const bytes = await bytesOf(reply, length);
    if (await digestOf(bytes) !== digest) throw new Problem('tampered');
    return bytes;
  }

  #append(bytes: Bytes): Promise<void> {
    return this.#updated(() => this.buffer.appendBuffer(bytes));
  }

  #updated(change: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const ended = new AbortController();
      const end = (settle: () => void) => () => {
        ended.abort();
        settle();
      };
      const { signal } = ended;
      this.buffer.addEventListener('error', end(() => reject(new Problem('unknown', 'a segment that does not play'))), { signal });
      this.buffer.addEventListener('updateend', end(resolve), { signal });
      change();
    });
  }
}
