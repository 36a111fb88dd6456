/** Plays a video from what is kept on this phone: Media Source Extensions, one buffer for picture, one for sound.
 *
 * Segments are appended around the place that is watched; what is not on the phone comes from the network, when there
 * is one. Source: W3C Media Source Extensions. */

import { chosen } from '../content/release.ts';
import type { Rendition, Stream } from '../content/manifests.ts';
import type { ContentStore } from '../content/store.ts';
import { Problem, type Player } from '../model.ts';
import { digestOf } from '../downloads/fetching.ts';

const AHEAD_SECONDS = 40; // four segments: enough to never stall from storage, little enough for 1 GB of memory
const BEHIND_SECONDS = 30;

type Source = typeof MediaSource;

const sourceClass = (): Source | undefined =>
  globalThis.MediaSource ?? (globalThis as { ManagedMediaSource?: Source }).ManagedMediaSource;

/** Feeds an element. Throws `Problem` where the browser cannot do it. */
export async function attach(element: HTMLVideoElement, stream: Stream, store: ContentStore): Promise<Player> {
  const Class = sourceClass();
  if (!Class) throw new Problem('unknown', 'this browser plays no segments');
  const source = new Class();
  const url = URL.createObjectURL(source);
  element.disableRemotePlayback = true;
  element.src = url;
  await new Promise((opened) => source.addEventListener('sourceopen', opened, { once: true }));
  source.duration = stream.duration_ms / 1000;
  const renditions = chosen(stream, (codecs) => Class.isTypeSupported(codecs));
  const tracks = renditions.map((rendition) => {
    const kind = stream.video.includes(rendition) ? 'video' : 'audio';
    return new Track(source.addSourceBuffer(`${kind}/mp4; codecs="${rendition.codecs}"`), rendition, store);
  });
  const feed = () => void Promise.all(tracks.map((track) => track.feed(element.currentTime))).then((ended) => {
    if (ended.every(Boolean) && source.readyState === 'open' && !tracks.some(({ isBusy }) => isBusy)) source.endOfStream();
  }, () => undefined);
  for (const name of ['timeupdate', 'seeking', 'waiting']) element.addEventListener(name, feed);
  await Promise.all(tracks.map((track) => track.start()));
  feed();
  return {
    detach() {
      for (const name of ['timeupdate', 'seeking', 'waiting']) element.removeEventListener(name, feed);
      element.removeAttribute('src');
      element.load();
      URL.revokeObjectURL(url);
    },
  };
}

/** One buffer and the rendition that fills it. */
class Track {
  readonly #starts: number[] = [];
  readonly #appended = new Set<number>();
  #turn: Promise<unknown> = Promise.resolve();
  isBusy = false;

  constructor(
    private readonly buffer: SourceBuffer,
    private readonly rendition: Rendition,
    private readonly store: ContentStore,
  ) {
    let at = 0;
    for (const [, , milliseconds] of rendition.segments) {
      this.#starts.push(at);
      at += milliseconds / 1000;
    }
  }

  async start(): Promise<void> {
    const [offset, length, digest] = this.rendition.init;
    await this.#append(await this.#bytes(offset, length, digest));
  }

  /** Appends what is missing around a place, one segment at a time; says whether the end is in. */
  feed(seconds: number): Promise<boolean> {
    const next = this.#turn.then(() => this.#feed(seconds));
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #feed(seconds: number): Promise<boolean> {
    this.isBusy = true;
    try {
      for (const at of this.#wanted(seconds)) {
        const [offset, length, , digest] = this.rendition.segments[at]!;
        this.#appended.add(at);
        await this.#append(await this.#bytes(offset, length, digest)).catch((error: unknown) => {
          this.#appended.delete(at);
          throw error;
        });
      }
      await this.#forget(seconds);
    } finally {
      this.isBusy = false;
    }
    return this.#appended.has(this.#starts.length - 1);
  }

  #wanted(seconds: number): number[] {
    const ends = [...this.#starts.slice(1), Infinity];
    return this.#starts.flatMap((start, at) =>
      ends[at]! > seconds && start < seconds + AHEAD_SECONDS && !this.#appended.has(at) ? [at] : []);
  }

  /** Memory is small: what lies behind is dropped, and fetched again when she goes back. */
  async #forget(seconds: number): Promise<void> {
    const old = [...this.#appended].filter((at) => (this.#starts[at + 1] ?? Infinity) < seconds - BEHIND_SECONDS);
    if (!old.length) return;
    for (const at of old) this.#appended.delete(at);
    await this.#updated(() => this.buffer.remove(0, Math.max(...old.map((at) => this.#starts[at + 1]!))));
  }

  async #bytes(offset: number, length: number, digest: string): Promise<Uint8Array<ArrayBuffer>> {
    const stored = await this.store.get('objects', digest);
    if (stored) return stored;
    const range = { Range: `bytes=${offset}-${offset + length - 1}` };
    const reply = await fetch(`/v1/objects/${this.rendition.object}`, { headers: range, credentials: 'omit' }).catch(() => undefined);
    if (!reply?.ok) throw new Problem('not_on_phone');
    const bytes = new Uint8Array(await reply.arrayBuffer());
    if (await digestOf(bytes) !== digest) throw new Problem('tampered');
    return bytes;
  }

  #append(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#updated(() => this.buffer.appendBuffer(bytes));
  }

  #updated(change: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.buffer.addEventListener('updateend', () => resolve(), { once: true });
      this.buffer.addEventListener('error', () => reject(new Problem('unknown', 'a segment that does not play')), { once: true });
      change();
    });
  }
}
