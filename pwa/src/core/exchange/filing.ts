/** What waits on this phone goes into a file (docs/protocol.md, "Carried file"): of everybody who learns on it one signed
 * request, and the photographs beside them. A trainer who carries it leaves no sister's work behind.
 *
 * Where not all finds room, every learner has her share of it, of hers the pressing goes first, and photographs last. */

import { fromHex, join, toHex, uleb, type Bytes } from '../../codec/index.ts';
import { Problem, type CarriedFile, type FiledWork } from '../../model.ts';
import { keysUnder, type StoredDevice } from '../../storage/database.ts';
import { tool } from '../../tools/index.ts';
import { readChange, sha256, writeChange } from '../../wire/index.ts';
import { CHECK_BYTES, checkOf, DIGEST_BYTES, flightKey, HEAD_BYTES, MAGIC, VERSION, type Exchanging, type Flight } from './carried.ts';
import type { Outgoing, Told } from './outbox.ts';
import type { Work } from '../study/work.ts';

const REQUESTS = 1;
/** Of one file that this phone writes, some hundred photographs: a digest wants all of it in memory at once. */
const WRITTEN_BYTES_MAX = 16 << 20;
const REQUEST_BYTES_MAX = 1_000_000; // of its frames: what a server reads is 1 MB
const FRAMES_PART = 0.9; // of a learner's share: the rest is for what stands around frames
const AROUND_PART = 4 + CHECK_BYTES; // a length of 1 MB has three bytes
const FLIGHTS_MAX = 16; // more files than a trainer carries for one learner at a time
const ID_DIGITS = 8; // of the device's: as the trainer's page calls it

/** What of one learner's goes, or why nothing does. */
interface Going extends FiledWork {
  readonly work: Work;
  readonly request?: Bytes | undefined;
}

/** `told` is what the device says of itself, once: with the request of who makes the file. Throws what keeps hers from
 * going where nobody else's goes either. */
export async function writeRequestFile(core: Exchanging, mine: Work, device: StoredDevice, told: Told, bytesMax = WRITTEN_BYTES_MAX): Promise<CarriedFile> {
  const works = await everybodys(core, mine);
  let room = bytesMax - HEAD_BYTES - 1 - DIGEST_BYTES;
  const all: Going[] = [];
  for (const [at, work] of works.entries()) {
    const share = Math.min(REQUEST_BYTES_MAX, FRAMES_PART * (room / (works.length - at)));
    const going = await goingOf(core, work, device, work === mine ? told : undefined, share, room);
    if (going.request) room -= going.request.length + AROUND_PART;
    all.push(going);
  }
  const requests = all.flatMap(({ request }) => request ?? []);
  if (!requests.length) throw new Problem(all[0]?.problem ?? 'unknown', 'nothing goes');
  const pictures = await photographs(all.filter(({ request }) => request).map(({ work }) => work), device, room);
  return {
    file: await written([...requests, ...pictures.parts]),
    name: `tiffin-${new Date().toISOString().slice(0, 10)}-${toHex(device.id).slice(0, ID_DIGITS)}.tiffin`,
    works: all.map((going) => without(going, pictures.left)),
    isWhole: !pictures.left.length && all.every(({ isWhole }) => isWhole),
  };
}

/** Hers first, then her sisters'. */
async function everybodys(core: Exchanging, mine: Work): Promise<Work[]> {
  const numbers = (await mine.database.getAllKeys('profiles')).filter((number) => number !== mine.profile);
  return [mine, ...(await Promise.all(numbers.map((number) => core.open(mine.database, number))))];
}

/** What keeps one learner's work here costs the others' nothing. */
async function goingOf(core: Exchanging, work: Work, device: StoredDevice, told: Told | undefined, share: number, room: number): Promise<Going> {
  const { learner } = await work.stored();
  const nothing = { work, learner, filed: { immediate: 0, batched: 0, eventual: 0 } };
  try {
    const filed = await work.waiting();
    const { request, outgoing, left } = await core.nextRequest(work, device, told, share);
    if (request.length + AROUND_PART > room) return { ...nothing, isWhole: false };
    const { epoch, cursor, sendMine } = await work.stored();
    await remember(core, work, toHex(await sha256(request)), { at: Date.now(), outgoing: outgoing.map(inShort), epoch, cursor, sendMine });
    return { work, learner, filed, request, isWhole: !left.some(Boolean) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ...nothing, isWhole: true, problem: error.code };
  }
}

/** What is needed to take a reply in: an answer of a change may be about its whole document. */
function inShort({ frame: { kind, content }, ...rest }: Outgoing): Flight['outgoing'][number] {
  return rest.what === 'change' ? { ...rest, frame: { kind, content: writeChange(readChange(content)[0], new Uint8Array()) } } : rest;
}

async function remember(core: Exchanging, work: Work, request: string, flight: Flight): Promise<void> {
  await core.write(work.database, ['settings'], async (change) => {
    const settings = change.objectStore('settings');
    await settings.put(flight, flightKey(work.profile, request));
    const keys = await settings.getAllKeys(keysUnder('flight', work.profile));
    const known = await Promise.all(keys.map(async (key) => [key, ((await settings.get(key)) as Flight).at] as const));
    const oldest = known.sort(([, a], [, b]) => a - b).slice(0, Math.max(0, known.length - FLIGHTS_MAX));
    for (const [key] of oldest) await settings.delete(key);
  });
}

/** The quiz's tool knows them; it is not asked for where none wait. `left`: of each that found no room, whose it is. */
async function photographs(works: readonly Work[], device: StoredDevice, room: number): Promise<{ parts: Bytes[]; left: readonly number[] }> {
  const counts = await Promise.all(works.map((work) => work.database.count('settings', keysUnder('photo', work.profile))));
  const having = works.filter((_, at) => counts[at]);
  return having.length ? (await tool('quiz')).picturesToFile(having, device, room, AROUND_PART) : { parts: [], left: [] };
}

/** As the screen says it: photographs that found no room are not among what is in the file. */
function without({ work, learner, filed, isWhole, problem }: Going, left: readonly number[]): FiledWork {
  const missing = left.filter((profile) => profile === work.profile).length;
  return { learner, filed: { ...filed, batched: Math.max(0, filed.batched - missing) }, isWhole, problem };
}

async function written(parts: readonly Bytes[]): Promise<Blob> {
  const framed = await Promise.all(parts.map(async (part) => [...uleb(part.length), ...(await checkOf(part))]));
  const pieces = [[...fromHex(MAGIC), VERSION, REQUESTS], ...parts.flatMap((part, at) => [framed[at]!, part]), uleb(0)];
  const whole = join(pieces);
  return new Blob([whole, await sha256(whole)], { type: 'application/octet-stream' });
}
