/** Plays a video from what is kept on this phone: Media Source Extensions, one buffer for picture, one for sound.
 *
 * Segments are appended around the place that is watched; what is not on the phone comes from the network, when there
 * is one. What cannot be had is told by a `problem` event on the element, and tried again when she moves or the network
 * is back. Source: W3C Media Source Extensions. */

import type { Stream } from '../content/manifests.ts';
import { chosen, typeOf } from '../content/release.ts';
import type { ContentStore } from '../content/store.ts';
import { Problem, type Player } from '../model.ts';
import { Track } from './track.ts';

type Source = typeof MediaSource;

/** iPhones have the managed one alone. */
const sourceClass = (): Source | undefined =>
  globalThis.MediaSource ?? (globalThis as { ManagedMediaSource?: Source }).ManagedMediaSource;

const MOVES = ['timeupdate', 'seeking', 'waiting', 'play'];

/** Feeds an element until it is detached. Throws `Problem` where the browser cannot do it, or has not what it needs. */
export async function attach(element: HTMLVideoElement, stream: Stream, store: ContentStore): Promise<Player> {
  const Class = sourceClass();
  const renditions = Class ? await chosen(store, stream, (type) => Class.isTypeSupported(type)) : [];
  if (!Class || !renditions.length) throw new Problem('unknown', 'this browser plays none of the renditions');
  const source = new Class();
  const url = await opened(element, source);
  source.duration = stream.duration_ms / 1000;
  const tracks = renditions.map((rendition) => {
    const kind = stream.video.includes(rendition) ? 'video' : 'audio';
    return new Track(source.addSourceBuffer(typeOf(kind, rendition.codecs)), rendition, store);
  });
  const feeding = new AbortController();
  const detach = () => {
    feeding.abort();
    element.removeAttribute('src');
    element.load();
    URL.revokeObjectURL(url);
  };
  try {
    await Promise.all(tracks.map((track) => track.start()));
  } catch (error) {
    detach();
    throw error;
  }
  keepFed(element, source, tracks, feeding.signal);
  return { detach };
}

async function opened(element: HTMLVideoElement, source: MediaSource): Promise<string> {
  const url = URL.createObjectURL(source);
  const isOpen = new Promise((open) => source.addEventListener('sourceopen', open, { once: true }));
  element.disableRemotePlayback = true; // a managed source opens only then
  element.src = url;
  await isOpen;
  return url;
}

/** Feeds at every move of the element and of the network, one round at a time; who moved meanwhile gets another. */
function keepFed(element: HTMLVideoElement, source: MediaSource, tracks: readonly Track[], signal: AbortSignal): void {
  let isFeeding = false, hasMoved = false;
  const place = () => (signal.aborted ? undefined : element.currentTime);
  const round = async () => {
    const ends = await Promise.all(tracks.map((track) => track.feed(place)));
    if (!signal.aborted && source.readyState === 'open' && ends.every(Boolean)) source.endOfStream();
  };
  const feed = async () => {
    hasMoved = true;
    if (isFeeding) return;
    isFeeding = true;
    while (hasMoved && !signal.aborted) {
      hasMoved = false;
      await round().catch((error: unknown) => signal.aborted || tell(element, error));
    }
    isFeeding = false;
  };
  for (const move of MOVES) element.addEventListener(move, feed, { signal });
  addEventListener('online', feed, { signal });
  void feed();
}

function tell(element: HTMLVideoElement, error: unknown): void {
  const problem = error instanceof Problem ? error : new Problem('unknown', String(error));
  element.dispatchEvent(new CustomEvent('problem', { detail: problem }));
}
