/** Exchanges written down (docs/protocol.md, "Carried file"): a request goes out in a file, with the photographs that
 * wait beside it; its reply comes back in another, perhaps weeks later and after other exchanges. What each request carried is remembered by its digest, so that
 * a reply acknowledges what its own request carried and nothing else.
 *
 * It comes with a tool; what it uses of the core is handed to it, so that the bundler leaves the core in one file. */

import { CodecError, fromHex, join, Reader, text, toHex, uleb, type Bytes } from '../../codec/index.ts';
import { Problem, type CarriedFile } from '../../model.ts';
import { keysUnder, type alone, type Database, type StoredDevice, type StoredProfile, type write } from '../../storage/database.ts';
import { tool } from '../../tools/index.ts';
import { readReply, sha256, WireError, type Reply } from '../../wire/index.ts';
import type { nextRequest, settle } from './exchange.ts';
import type { Told } from './outbox.ts';
import type { Outgoing } from './outbox.ts';
import type { Work } from '../work/work.ts';

/** What it uses of the core. */
export interface Exchanging {
  readonly open: typeof Work.open;
  readonly nextRequest: typeof nextRequest;
  readonly settle: typeof settle;
  readonly alone: typeof alone;
  readonly write: typeof write;
}

const MAGIC = '8954494646494e0a', VERSION = 1, REQUESTS = 1, REPLIES = 2, REFUSED = 1, PICTURE = 2;
const HEAD_BYTES = 10, CHECK_BYTES = 8, DEVICE_BYTES = 16, DIGEST_BYTES = 32, EPOCH_BYTES = 8, CODE_BYTES_MAX = 64;
const FILE_BYTES_MAX = 32 << 20, PART_BYTES_MAX = (1 << 20) + 1_024, PARTS_MAX = 20_000;
/** Of one file that this phone writes, some hundred photographs: a digest wants all of it in memory at once. */
const WRITTEN_BYTES_MAX = 16 << 20;
const REQUEST_BYTES_MAX = 1_000_000; // of its frames: what a server reads is 1 MB
const AROUND_PART = 4 + CHECK_BYTES; // a length of 1 MB has three bytes
const FLIGHTS_MAX = 16; // more files than a trainer carries for one learner at a time

/** What a request carried, and what this phone knew then. */
interface Flight {
  readonly at: number;
  readonly outgoing: readonly Omit<Outgoing, 'frame'>[];
  readonly epoch: Uint8Array;
  readonly cursor: number;
  readonly sendMine: boolean;
}

interface CarriedReply {
  readonly device: string;
  readonly profile: number;
  readonly request: string;
  readonly outcome: number;
  readonly body: Uint8Array;
}

const flightsOf = (profile: number) => IDBKeyRange.bound(`flight/${profile}/`, `flight/${profile}/~`);

/** Everything that waits: one signed request, and the photographs. */
export async function writeRequestFile(core: Exchanging, work: Work, device: StoredDevice, told: Told): Promise<CarriedFile> {
  const { request, outgoing, left } = await core.nextRequest(work, device, told, REQUEST_BYTES_MAX);
  const { epoch, cursor, sendMine } = await work.stored();
  const carried = outgoing.map(({ frame: _, ...rest }) => rest);
  const flight: Flight = { at: Date.now(), outgoing: carried, epoch, cursor, sendMine };
  await remember(core, work, toHex(await sha256(request)), flight);
  const room = WRITTEN_BYTES_MAX - HEAD_BYTES - request.length - AROUND_PART - 1 - DIGEST_BYTES;
  const pictures = await photographs(work, device, room);
  return { file: await written([request, ...pictures.parts]), isWhole: !left.some(Boolean) && !pictures.left };
}

/** The quiz's tool knows them; it is not asked for where none wait. */
async function photographs(work: Work, device: StoredDevice, room: number): Promise<{ parts: Bytes[]; left: number }> {
  const hasAny = await work.database.count('settings', keysUnder('photo', work.profile));
  return hasAny ? (await tool('quiz')).picturesToFile(work, device, room, AROUND_PART) : { parts: [], left: 0 };
}

async function written(parts: readonly Bytes[]): Promise<Blob> {
  const framed = await Promise.all(parts.map(async (part) => [...uleb(part.length), ...(await checkOf(part))]));
  const pieces = [[...fromHex(MAGIC), VERSION, REQUESTS], ...parts.flatMap((part, at) => [framed[at]!, part]), uleb(0)];
  const whole = join(pieces);
  return new Blob([whole, await sha256(whole)], { type: 'application/octet-stream' });
}

const checkOf = async (part: Uint8Array): Promise<Uint8Array> => (await sha256(part)).subarray(0, CHECK_BYTES);

async function remember(core: Exchanging, work: Work, request: string, flight: Flight): Promise<void> {
  await core.write(work.database, ['settings'], async (change) => {
    const settings = change.objectStore('settings');
    await settings.put(flight, `flight/${work.profile}/${request}`);
    const keys = await settings.getAllKeys(flightsOf(work.profile));
    const known = await Promise.all(keys.map(async (key) => [key, ((await settings.get(key)) as Flight).at] as const));
    const oldest = known.sort(([, a], [, b]) => a - b).slice(0, Math.max(0, known.length - FLIGHTS_MAX));
    for (const [key] of oldest) await settings.delete(key);
  });
}

/** Gives how many replies were for this phone's learners and taken in. Throws `Problem`: tampered, phone_full. */
export async function takeReplies(core: Exchanging, database: Database, device: StoredDevice, file: Blob): Promise<number> {
  if (file.size > FILE_BYTES_MAX) throw new Problem('tampered', 'a file that is too large');
  const mine = toHex(device.id);
  let taken = 0;
  for (const reply of await repliesIn(new Uint8Array(await file.arrayBuffer()))) {
    const profile = (await database.getAll('profiles')).find(({ remote }) => remote && remote === reply.profile);
    if (reply.device !== mine || !profile) continue;
    const landing = reply.outcome === PICTURE ? landPicture(await core.open(database, profile.number), reply) : land(core, database, profile, reply);
    if (await landing.catch(unreadable)) taken += 1;
  }
  return taken;
}

/** Nobody signs a file of replies: one that cannot be read says nothing, and costs the others in the file nothing. */
function unreadable(error: unknown): undefined {
  if (!(error instanceof CodecError || error instanceof WireError)) throw error;
}

/** Every whole part; throws `Problem` for what is no file of replies. */
export async function repliesIn(file: Uint8Array): Promise<CarriedReply[]> {
  if (toHex(file.subarray(0, 8)) !== MAGIC || file[8] !== VERSION || file[9] !== REPLIES) throw new Problem('tampered', 'no file of replies');
  const reader = new Reader(file, HEAD_BYTES);
  const replies: CarriedReply[] = [];
  try {
    for (let length = reader.uleb(); length && replies.length < PARTS_MAX; length = reader.uleb()) {
      const check = reader.take(CHECK_BYTES), part = reader.take(length);
      const isWhole = length <= PART_BYTES_MAX && toHex(await checkOf(part)) === toHex(check);
      const reply = isWhole && read(new Reader(part));
      if (reply) replies.push(reply);
    }
  } catch (error) {
    unreadable(error); // a file that was cut short gives what is whole in it
  }
  return replies;
}

/** Undefined for what is no reply. */
function read(reader: Reader): CarriedReply | undefined {
  try {
    const device = toHex(reader.take(DEVICE_BYTES)), profile = reader.uleb(), request = toHex(reader.take(DIGEST_BYTES));
    const outcome = reader.take(1)[0]!;
    if (outcome > PICTURE || !Number.isSafeInteger(profile)) return undefined;
    const body = reader.take(reader.left), epoch = outcome === PICTURE ? EPOCH_BYTES : 0;
    if (outcome && (body.length < epoch || body.length > epoch + CODE_BYTES_MAX)) return undefined;
    return { device, profile, request, outcome, body };
  } catch (error) {
    return unreadable(error);
  }
}

/** Whether it says something new of a photograph, which `request` names. */
async function landPicture(work: Work, { request, body }: CarriedReply): Promise<boolean> {
  const reader = new Reader(body);
  const epoch = toHex(reader.take(EPOCH_BYTES)), state = text(reader.take(reader.left));
  return (await tool('quiz')).pictureAnswered(work, request, epoch, state);
}

/** Takes a reply in, once. */
function land(core: Exchanging, database: Database, { number }: StoredProfile, { request, outcome, body }: CarriedReply): Promise<boolean> {
  return core.alone(`exchange-${number}`, async () => {
    const key = `flight/${number}/${request}`;
    const flight = (await database.get('settings', key)) as Flight | undefined;
    if (!flight || outcome === REFUSED) return false;
    const work = await core.open(database, number);
    const reply = follows(await readReply(body), flight, await work.stored());
    if (reply) await core.settle(work, flight.outgoing as readonly Outgoing[], reply);
    await core.write(database, ['settings'], (change) => change.objectStore('settings').delete(key));
    return reply !== undefined;
  });
}

/** What of a late reply still holds: none of one from a life of the log that was left behind; and of one that began
 * further on than this phone stands, what it acknowledges alone. */
function follows(reply: Reply, flight: Flight, { epoch, cursor, sendMine }: StoredProfile): Reply | undefined {
  const now = toHex(epoch), its = toHex(reply.epoch), then = toHex(flight.epoch);
  if (its !== now && then !== now) return undefined;
  const began = then === its ? flight.cursor : 0;
  if (its !== now) return reply;
  if (began > cursor || (sendMine && !flight.sendMine)) return { ...reply, frames: [], cursor, more: true };
  return { ...reply, cursor: Math.max(cursor, reply.cursor) };
}
