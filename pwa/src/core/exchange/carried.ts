/** Exchanges written down (docs/protocol.md, "Carried file"): requests go out in a file (`filing.ts`); their replies come
 * back in another, perhaps weeks later and after other exchanges. What each request carried is remembered by its digest,
 * so that a reply acknowledges what its own request carried and nothing else.
 *
 * It comes with a tool; what it uses of the core is handed to it, so that the bundler leaves the core in one file. */

import { CodecError, Reader, text, toHex } from '../../codec/index.ts';
import { Problem } from '../../model.ts';
import type { alone, Database, StoredDevice, StoredProfile, write } from '../../storage/database.ts';
import { tool } from '../../tools/index.ts';
import { readReply, sha256, WireError, type Reply } from '../../wire/index.ts';
import type { nextRequest, settle } from './exchange.ts';
import type { Outgoing } from './outbox.ts';
import type { Work } from '../study/work.ts';

/** What it uses of the core. */
export interface Exchanging {
  readonly open: typeof Work.open;
  readonly nextRequest: typeof nextRequest;
  readonly settle: typeof settle;
  readonly alone: typeof alone;
  readonly write: typeof write;
}

export const MAGIC = '8954494646494e0a', VERSION = 1;
export const HEAD_BYTES = 10, CHECK_BYTES = 8, DIGEST_BYTES = 32;
const REPLIES = 2, REFUSED = 1, PICTURE = 2;
const DEVICE_BYTES = 16, EPOCH_BYTES = 8, CODE_BYTES_MAX = 64;
const FILE_BYTES_MAX = 32 << 20, PART_BYTES_MAX = (1 << 20) + 1_024, PARTS_MAX = 20_000;

/** What a request carried, and what this phone knew then. A change's frame names its document, without its body. */
export interface Flight {
  readonly at: number;
  readonly outgoing: readonly (Omit<Outgoing, 'frame'> & Partial<Outgoing>)[];
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

export const flightKey = (profile: number, request: string): string => `flight/${profile}/${request}`;
export const checkOf = async (part: Uint8Array): Promise<Uint8Array> => (await sha256(part)).subarray(0, CHECK_BYTES);

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
    const key = flightKey(number, request);
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
