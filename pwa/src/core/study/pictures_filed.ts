/** Photographs that go out in a carried file, whole, beside the answers that name them; and the word that comes back.
 *
 * Their bytes stay here until the attempt is graded, by whatever road they went. */

import { join, toHex, uleb, type Bytes } from '../../codec/index.ts';
import { keysUnder, type StoredDevice } from '../../storage/database.ts';
import { arrived, headOf, nameIn, photoOf, tidy, unsentKey, type Unsent } from './pictures.ts';
import type { Work } from './work.ts';

const PART = 0x50; // P: a request in a file begins with its version, which is no letter
const WHOLE = ['kept', 'unreadable'];

/** One that waits to be carried, and when it was last. */
interface Waiting {
  readonly work: Work;
  readonly name: string;
  readonly filed: number;
}

/** As many of everybody's that wait as find room, each a part of a file; and of each that did not, whose it is. Those
 * that were in a file longest ago, or never, come first, whoever took them. */
export async function picturesToFile(works: readonly Work[], device: StoredDevice, room: number, around: number): Promise<{ parts: Bytes[]; left: number[] }> {
  const all = (await Promise.all(works.map(waitingOf))).flat().sort((a, b) => a.filed - b.filed);
  const parts: Bytes[] = [];
  for (const [at, { work, name }] of all.entries()) {
    const photo = await photoOf(work, name);
    if (!photo) continue;
    const part = join([[PART], await headOf(await work.stored(), device, photo.bytes), uleb(0), photo.bytes]);
    room -= part.length + around;
    if (room < 0) return { parts, left: all.slice(at).map(({ work: { profile } }) => profile) };
    parts.push(part);
    await noteFiled(work, name);
  }
  return { parts, left: [] };
}

async function waitingOf(work: Work): Promise<Waiting[]> {
  await tidy(work);
  const keys = await work.database.getAllKeys('settings', keysUnder('unsent', work.profile));
  const unsent = (await work.database.getAll('settings', keysUnder('unsent', work.profile))) as Unsent[];
  return keys.map((key, at) => ({ work, name: nameIn(key), filed: unsent[at]?.filed ?? 0 }));
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
