/** A release that is (partly) on this phone, opened through its manifests, and the pieces it is made of. */

import { Problem } from '../model.ts';
import { readManifest, type Activity, type LessonManifest, type Rendition, type Root, type Sized, type Stream } from './manifests.ts';
import type { Chosen, ObjectSource } from './store.ts';

export interface Release {
  readonly root: Root;
  readonly lessons: readonly LessonManifest[];
}

export async function readObject(source: ObjectSource, digest: string): Promise<Uint8Array<ArrayBuffer>> {
  const found = await source.get('objects', digest);
  if (!found) throw new Problem('not_on_phone', digest);
  return found;
}

export async function openRelease(source: ObjectSource, root: string): Promise<Release> {
  const manifest = readManifest(await readObject(source, root), 'tiffin-release-1');
  const lessons = manifest.lessons.map(async (entry) => readManifest(await readObject(source, entry.manifest), 'tiffin-lesson-1'));
  return { root: manifest, lessons: await Promise.all(lessons) };
}

/** A stretch of an object that is fetched, checked and kept by itself. */
export interface Piece {
  readonly digest: string;
  readonly object: string;
  readonly offset: number;
  readonly length: number;
}

export type CanPlay = (type: string) => boolean;

const OBJECT_BYTES_MAX = 64 << 20; // what a packer takes as a resource; a whole object is held in memory to be checked
/** Texts below this come along in the release's pack, whatever their tier. */
export const SMALL_BYTES_MAX = 64 << 10;

/** Everything of a release that is taken along, in the order of the course: texts first within each activity.
 *
 * Of a video the chosen rendition, else the smallest, and one sound that this phone plays. What is supplementary stays
 * online, and what was left for later away, but for their texts, which came with the others and are paid for. */
export async function piecesOf(source: ObjectSource, release: Release, rootDigest: string, canPlay: CanPlay, chosen?: Chosen): Promise<Piece[]> {
  const texts = [rootDigest, ...release.root.lessons.map(({ manifest }) => manifest)];
  const pieces = texts.map((object) => whole({ object, bytes: 0 }));
  for (const activity of release.lessons.flatMap(({ activities }) => activities)) {
    const isTaken = activity.tier !== 'supplementary' && !chosen?.later.includes(activity.id);
    if (isTaken) pieces.push(...await piecesOfActivity(source, activity, canPlay, chosen?.pictures[activity.id]));
    else pieces.push(...textsOf(activity).filter(({ bytes }) => bytes < SMALL_BYTES_MAX).map(whole));
  }
  return [...new Map(pieces.map((piece) => [piece.digest, piece])).values()];
}

/** What one activity is made of, whether it is taken along or not. */
export async function piecesOfActivity(source: ObjectSource, activity: Activity, canPlay: CanPlay, picture?: string): Promise<Piece[]> {
  if (activity.kind === 'resource') return [whole(activity)];
  if (activity.kind !== 'video') return [...textsOf(activity), ...activity.pictures].map(whole);
  const small = [...textsOf(activity), ...(activity.poster ? [activity.poster] : [])].map(whole);
  const stream = await source.get('objects', activity.stream.object);
  if (!stream) return small;
  return [...small, ...(await chosen(source, readManifest(stream, 'tiffin-stream-1'), canPlay, picture)).flatMap(piecesOfRendition)];
}

function textsOf(activity: Activity): Sized[] {
  if (activity.kind === 'page') return Object.values(activity.pages);
  if (activity.kind === 'video') return [activity.stream, ...activity.captions];
  return activity.kind === 'quiz' ? [activity] : [];
}

function whole({ object, bytes }: Sized): Piece {
  if (bytes > OBJECT_BYTES_MAX) throw new Problem('tampered', `an object of ${bytes} bytes`);
  return { digest: object, object, offset: 0, length: bytes };
}

/** The picture and the sound that are taken along and played. Renditions stand in ascending order of bytes.
 *
 * What was begun is gone on with: a browser that learns a new codec must not make a stored rendition worthless. */
export async function chosen(source: ObjectSource, stream: Stream, canPlay: CanPlay, named?: string): Promise<Rendition[]> {
  const opusFirst = [...stream.audio].sort((a, b) => Number(b.codecs === 'opus') - Number(a.codecs === 'opus'));
  const pictures = playable(stream.video, 'video', canPlay);
  const wanted = pictures.filter(({ object }) => object === named);
  const picture = wanted.length ? wanted : await best(source, pictures);
  const sound = await best(source, playable(opusFirst, 'audio', canPlay));
  return [...picture, ...sound];
}

export const typeOf = (kind: 'video' | 'audio', codecs: string): string => `${kind}/mp4; codecs="${codecs}"`;

export const playable = (renditions: readonly Rendition[], kind: 'video' | 'audio', canPlay: CanPlay): Rendition[] =>
  renditions.filter(({ codecs }) => canPlay(typeOf(kind, codecs)));

async function best(source: ObjectSource, renditions: readonly Rendition[]): Promise<Rendition[]> {
  for (const rendition of renditions) if (await source.get('objects', rendition.init[2])) return [rendition];
  return renditions.slice(0, 1);
}

export const bytesOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { length }) => sum + length, 0);

export function piecesOfRendition({ object, init, segments }: Rendition): Piece[] {
  const [offset, length, digest] = init;
  return [{ digest, object, offset, length }, ...segments.map(([at, size, , name]) => ({ digest: name, object, offset: at, length: size }))];
}
