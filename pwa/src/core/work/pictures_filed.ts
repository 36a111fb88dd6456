/** Photographs that go out in a carried file, whole, beside the answers that name them; and the word that comes back.
 *
 * Their bytes stay here until the attempt is graded, by whatever road they went. */

import { join, toHex, uleb, type Bytes } from '../../codec/index.ts';
import { keysUnder, type StoredDevice } from '../../storage/database.ts';
import { arrived, headOf, nameIn, photoOf, tidy, unsentKey, type Unsent } from './pictures.ts';
import type { Work } from './work.ts';

const PART = 0x50; // P: a request in a file begins with its version, which is no letter
const WHOLE = ['kept', 'unreadable'];

/** As many of those that wait as find room, each a part of a file; and how many did not. Those that were in a file
 * longest ago, or never, come first. */
export async function picturesToFile(work: Work, device: StoredDevice, room: number, around: number): Promise<{ parts: Bytes[]; left: number }> {
  await tidy(work);
  const profile = await work.stored();
  const waiting = await waitingOf(work);
  const parts: Bytes[] = [];
  for (const name of waiting) {
    const photo = await photoOf(work, name);
    if (!photo) continue;
    const part = join([[PART], await headOf(profile, device, photo.bytes), uleb(0), photo.bytes]);
    room -= part.length + around;
    if (room < 0) return { parts, left: waiting.length - parts.length };
    parts.push(part);
    await noteFiled(work, name);
  }
  return { parts, left: 0 };
}

async function waitingOf(work: Work): Promise<string[]> {
  const keys = await work.database.getAllKeys('settings', keysUnder('unsent', work.profile));
  const unsent = (await work.database.getAll('settings', keysUnder('unsent', work.profile))) as Unsent[];
  const filed = (at: number) => unsent[at]!.filed ?? 0;
  return keys.map((key, at) => [nameIn(key), filed(at)] as const).sort(([, a], [, b]) => a - b).map(([name]) => name);
}

/** Its turn comes after the others' now. It may have arrived by network meanwhile. */
const noteFiled = (work: Work, name: string): Promise<void> =>
  work.write(['settings'], async (change) => {
    const settings = change.objectStore('settings'), key = unsentKey(work.profile, name);
    const unsent = (await settings.get(key)) as Unsent | undefined;
    if (unsent) await settings.put({ ...unsent, filed: Date.now() } satisfies Unsent, key);
  });

/** A file of replies says what became of one: whether that was news. Of another life of the server's log it says nothing. */
export async function pictureAnswered(work: Work, name: string, epoch: string, state: string): Promise<boolean> {
  const photo = await photoOf(work, name);
  const isWaiting = await work.database.count('settings', unsentKey(work.profile, name));
  if (!photo || !isWaiting || !WHOLE.includes(state) || epoch !== toHex((await work.stored()).epoch)) return false;
  await arrived(work, name, { ...photo, epoch, unreadable: state === 'unreadable' });
  return true;
}
