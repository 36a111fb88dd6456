/** Photographs that answer questions: made small, kept with the draft, named by their SHA-256 in the sealed attempt, and
 * brought after it in pieces (docs/protocol.md, "Pictures").
 *
 * `photo/…` holds the bytes, until a trainer has graded the attempt: a server that was set back may lack them. `unsent/…`
 * says that one is sealed and not all there, and how far it has come. */

import { join, toHex, uleb, utf8, type Bytes } from '../../codec/index.ts';
import { Problem, type Pictures } from '../../model.ts';
import { alone, keysUnder, write, type StoredDevice, type StoredProfile } from '../../storage/database.ts';
import { jsonOf, sha256 } from '../../wire/index.ts';
import { attemptsOf } from './attempts.ts';
import { sign } from '../phone/device.ts';
import type { Work } from './work.ts';

const SIDES = [1280, 1024, 800, 640]; // what is written on a poster can be read at the first of them
const QUALITIES = [0.8, 0.6, 0.4];
export const PICTURE_BYTES_MAX = 150_000;
const PIECE_BYTES = 32 << 10; // of `sync/limits.py`: five seconds of 2G
const TIMEOUT_MS = 60_000;
const NAME = /^[0-9a-f]{64}$/;
const SUBMISSION_DIGITS = 16; // by which a grade names its attempt

interface Photo {
  readonly course: string;
  readonly activity: string;
  readonly bytes: Bytes;
  readonly type: string;
  /** The life of the server's log in which all of it arrived. */
  readonly epoch?: string;
  readonly unreadable?: boolean;
}

export interface Unsent {
  readonly course: string;
  readonly activity: string;
  readonly at: number;
  /** When it was last written into a file, in milliseconds. */
  readonly filed?: number;
}

const photoKey = (profile: number, name: string): string => `photo/${profile}/${name}`;
export const unsentKey = (profile: number, name: string): string => `unsent/${profile}/${name}`;
export const nameIn = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** Those of one quiz, as its screens use them. `draft`: the answers that stand now. */
export async function picturesAt(work: Work, course: string, activity: string, draft: () => Iterable<unknown>): Promise<Pictures> {
  const here = (one: { course: string; activity: string }) => one.course === course && one.activity === activity;
  const photos = await photosOf(work);
  return {
    waiting: ((await work.database.getAll('settings', keysUnder('unsent', work.profile))) as Unsent[]).filter(here).length,
    unreadable: [...photos.values()].filter((photo) => here(photo) && photo.unreadable).length,
    keep: async (file) => keep(work, { course, activity, ...(await madeSmall(file)) }, new Set(draft())),
    read: async (name) => {
      const photo = await photoOf(work, name);
      return photo && new Blob([photo.bytes], { type: photo.type });
    },
  };
}

export const photoOf = async (work: Work, name: string) => (await work.database.get('settings', photoKey(work.profile, name))) as Photo | undefined;

async function photosOf(work: Work): Promise<Map<string, Photo>> {
  const keys = await work.database.getAllKeys('settings', keysUnder('photo', work.profile));
  const photos = (await work.database.getAll('settings', keysUnder('photo', work.profile))) as Photo[];
  return new Map(photos.map((photo, at) => [nameIn(keys[at]!), photo]));
}

/** On the disk when it resolves; gives its name, which is the answer. Those that an earlier draft left behind go. */
async function keep(work: Work, photo: Photo, draft: ReadonlySet<unknown>): Promise<string> {
  const name = toHex(await sha256(photo.bytes));
  const sealed = await sealedIn(work);
  const left = [...(await photosOf(work))].filter(([other, { course, activity }]) => {
    return course === photo.course && activity === photo.activity && !draft.has(other) && !sealed.has(other);
  });
  await work.write(['settings'], async (change) => {
    for (const [other] of left) await change.objectStore('settings').delete(photoKey(work.profile, other));
    await change.objectStore('settings').put(photo, photoKey(work.profile, name));
  });
  return name;
}

/** As few pixels, then as little of each, as it takes. Throws what the browser says of a file that is no picture. */
async function madeSmall(file: Blob): Promise<{ bytes: Bytes; type: string }> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    for (const side of SIDES) {
      const canvas = drawn(bitmap, side);
      for (const quality of QUALITIES) {
        const made = await encoded(canvas, quality);
        if (made.size <= PICTURE_BYTES_MAX) return { bytes: new Uint8Array(await made.arrayBuffer()), type: made.type };
      }
    }
  } finally {
    bitmap.close();
  }
  throw new Problem('unknown', 'a picture that does not become small');
}

function drawn(bitmap: ImageBitmap, side: number): HTMLCanvasElement {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#fff'; // what is clear would be black in a JPEG
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** WebP, or JPEG where the browser writes none. */
async function encoded(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  const as = (type: string) => new Promise<Blob | null>((made) => canvas.toBlob(made, type, quality));
  const webp = await as('image/webp');
  const made = webp?.type === 'image/webp' ? webp : await as('image/jpeg');
  if (!made) throw new Problem('unknown', 'the canvas is too large for this phone');
  return made;
}

/** What handing in writes beside the attempt: the photographs among its answers are to be sent from now on. */
export async function sealing(work: Work, course: string, activity: string, answers: Iterable<unknown>): Promise<[string, Unsent][]> {
  const photos = await photosOf(work);
  return [...answers].filter((one): one is string => photos.has(one as string)).map((name) => [unsentKey(work.profile, name), { course, activity, at: 0 }]);
}

/** By the picture's name: by which name a grade calls the attempt that it answers in. */
async function sealedIn(work: Work): Promise<Map<string, string>> {
  const { records } = await attemptsOf(work.database, await work.stored());
  const named = records.flatMap(({ record, hash }) => {
    const { answers } = JSON.parse(new TextDecoder().decode(record)) as { answers: Record<string, unknown> };
    return Object.values(answers).map((answer) => [String(answer), toHex(hash).slice(0, SUBMISSION_DIGITS)] as const);
  });
  return new Map(named.filter(([name]) => NAME.test(name)));
}

/** Brings what is sealed, one piece after the other, for as long as nothing more pressing `isWaiting`. One loop at a time
 * on this phone, whatever tab asks. Throws `Problem`: offline, busy, phone_full. */
export function sendPictures(work: Work, device: StoredDevice, onBytes: (count: number) => void, isWaiting: () => boolean): Promise<void> {
  return alone(`pictures-${work.profile}`, async () => {
    await tidy(work);
    const profile = await work.stored();
    for (const key of await work.database.getAllKeys('settings', keysUnder('unsent', work.profile))) {
      if (isWaiting()) return;
      await sendOne(work, profile, device, nameIn(key), onBytes, isWaiting);
    }
  });
}

/** What a trainer has graded need not be kept; what another life of the server's log lacks is to be sent again. */
export async function tidy(work: Work): Promise<void> {
  const sealed = await sealedIn(work);
  const { grades } = await attemptsOf(work.database, await work.stored());
  const graded = new Set(grades.filter(({ state }) => state === 'graded').map(({ submission }) => submission));
  const epoch = toHex((await work.stored()).epoch);
  for (const [name, photo] of await photosOf(work)) {
    if (!photo.epoch) continue;
    const { course, activity } = photo;
    await work.write(['settings'], async (change) => {
      const settings = change.objectStore('settings');
      if (graded.has(sealed.get(name) ?? '')) await settings.delete(photoKey(work.profile, name));
      else if (photo.epoch !== epoch) await settings.put({ course, activity, at: 0 } satisfies Unsent, unsentKey(work.profile, name));
    });
  }
}

interface Held {
  readonly held: number;
  readonly state: 'coming' | 'kept' | 'unreadable';
}

async function sendOne(work: Work, profile: StoredProfile, device: StoredDevice, name: string, onBytes: (count: number) => void, isWaiting: () => boolean): Promise<void> {
  const photo = await photoOf(work, name);
  const unsent = (await work.database.get('settings', unsentKey(work.profile, name))) as Unsent;
  if (!photo) return forget(work, name); // the browser lost it
  const head = await headOf(profile, device, photo.bytes);
  for (let { at } = unsent; !isWaiting();) {
    const body = join([head, uleb(at), photo.bytes.subarray(at, at + PIECE_BYTES)]);
    onBytes(body.length);
    const reply = await post(body);
    if (!reply || (reply.state === 'coming' && reply.held === at)) return; // its attempt has not come yet, or nothing moves
    at = reply.held;
    if (reply.state !== 'coming') return arrived(work, name, { ...photo, epoch: toHex(profile.epoch), unreadable: reply.state === 'unreadable' });
    await work.write(['settings'], (change) => change.objectStore('settings').put({ ...unsent, at }, unsentKey(work.profile, name)));
  }
}

/** What stands before every piece of a picture: it is signed once. */
export async function headOf({ remote }: StoredProfile, device: StoredDevice, bytes: Bytes): Promise<Bytes> {
  const said = join([device.id, uleb(remote), await sha256(bytes), uleb(bytes.length)]);
  return join([[1], await sign(device, join([utf8('tiffin-picture-1\n'), said])), said]);
}

const forget = (work: Work, name: string): Promise<void> =>
  write(work.database, ['settings'], (change) => change.objectStore('settings').delete(unsentKey(work.profile, name)));

export const arrived = (work: Work, name: string, photo: Photo): Promise<void> =>
  work.write(['settings'], async (change) => {
    await change.objectStore('settings').put(photo, photoKey(work.profile, name));
    await change.objectStore('settings').delete(unsentKey(work.profile, name));
  });

/** Undefined where the server takes none of it now: it does not know the attempt yet, or asks to begin again. */
async function post(body: Bytes): Promise<Held | undefined> {
  const options: RequestInit = { method: 'POST', body, credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' };
  const gone = () => {
    throw new Problem('offline');
  };
  const reply = await fetch('/v1/pictures', { ...options, signal: AbortSignal.timeout?.(TIMEOUT_MS) ?? null }).catch(gone);
  if (reply.status === 429 || reply.status >= 500) throw new Problem('busy');
  if (!reply.ok) return undefined;
  return (await jsonOf(reply).catch(gone)) as Held;
}

