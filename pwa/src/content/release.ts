/** A release that is (partly) on this phone, opened through its manifests. */

import { Problem } from '../model.ts';
import { readManifest, type Activity, type LessonManifest, type Rendition, type Root, type Stream } from './manifests.ts';
import type { ContentStore } from './store.ts';

export interface Release {
  readonly root: Root;
  readonly lessons: readonly LessonManifest[];
}

export async function readObject(store: ContentStore, digest: string): Promise<Uint8Array<ArrayBuffer>> {
  const found = await store.get('objects', digest);
  if (!found) throw new Problem('not_on_phone', digest);
  return found;
}

export async function openRelease(store: ContentStore, root: string): Promise<Release> {
  const manifest = readManifest(await readObject(store, root), 'tiffin-release-1');
  const lessons = manifest.lessons.map(async (entry) => readManifest(await readObject(store, entry.manifest), 'tiffin-lesson-1'));
  return { root: manifest, lessons: await Promise.all(lessons) };
}

/** A stretch of an object that is fetched, checked and kept by itself. */
export interface Piece {
  readonly digest: string;
  readonly object: string;
  readonly offset: number;
  readonly length: number;
}

export type CanPlay = (codecs: string) => boolean;

/** Everything of a release that is taken along, in the order of the course: texts first within each activity.
 *
 * Of a video the smallest rendition and one sound that this phone plays. What is supplementary stays online. */
export async function piecesOf(store: ContentStore, release: Release, rootDigest: string, canPlay: CanPlay): Promise<Piece[]> {
  const texts = [rootDigest, ...release.root.lessons.map(({ manifest }) => manifest)];
  const pieces = texts.map((digest) => whole(digest, 0));
  for (const activity of release.lessons.flatMap(({ activities }) => activities)) {
    if (activity.tier !== 'supplementary') pieces.push(...await piecesOfActivity(store, activity, canPlay));
  }
  return [...new Map(pieces.map((piece) => [piece.digest, piece])).values()];
}

export async function piecesOfActivity(store: ContentStore, activity: Activity, canPlay: CanPlay): Promise<Piece[]> {
  const one = ({ object, bytes }: { object: string; bytes: number }) => whole(object, bytes);
  if (activity.kind === 'page') return [...Object.values(activity.pages), ...activity.pictures].map(one);
  if (activity.kind === 'quiz') return [activity, ...activity.pictures].map(one);
  if (activity.kind === 'resource') return [one(activity)];
  const small = [activity.stream, ...activity.captions, ...(activity.poster ? [activity.poster] : [])].map(one);
  const stream = await store.get('objects', activity.stream.object);
  return stream ? [...small, ...chosen(readManifest(stream, 'tiffin-stream-1'), canPlay).flatMap(piecesOfRendition)] : small;
}

const whole = (digest: string, length: number): Piece => ({ digest, object: digest, offset: 0, length });

/** The picture and the sound that are taken along. Renditions stand in ascending order of bytes. */
export function chosen(stream: Stream, canPlay: CanPlay): Rendition[] {
  const best = (renditions: readonly Rendition[], kind: string) =>
    renditions.find(({ codecs }) => canPlay(`${kind}/mp4; codecs="${codecs}"`)) ?? renditions[0];
  return [best(stream.video, 'video'), best(stream.audio, 'audio')].filter((rendition) => rendition !== undefined);
}

function piecesOfRendition({ object, init, segments }: Rendition): Piece[] {
  const [offset, length, digest] = init;
  return [{ digest, object, offset, length }, ...segments.map(([at, size, , name]) => ({ digest: name, object, offset: at, length: size }))];
}
