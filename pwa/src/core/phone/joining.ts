/** Joining: a code makes this phone one of a learner's. Several learners may share it, each in a profile of her own. */

import { fromHex } from '../../codec/index.ts';
import { NEVER } from '../../conflict/index.ts';
import { Problem, type ProblemCode } from '../../model.ts';
import { alone, write, type Database, type StoredDevice, type StoredProfile } from '../../storage/database.ts';
import { joinStatement, jsonOf } from '../../wire/index.ts';
import { base64url, fromBase64url, sign } from './device.ts';
import { newActor } from '../study/work.ts';

const KEY_BYTES = 32;

interface Joined {
  readonly profile: number;
  readonly learner: { id: string; name: string; language: string };
  readonly organisation: { name: string; release_key: string; release_key_generation?: number; next_release_key?: string };
  readonly push_key: string;
  readonly epoch: string;
  readonly server_time: number;
}

const KNOWN: readonly string[] = ['code_unknown', 'code_expired', 'too_many_tries', 'busy'];

/** Throws `Problem`: code_unknown, code_expired, too_many_tries, offline. Repeating it gives the same profile.
 * `language`: what she chose on this phone before she joined, if she did. */
export async function join(database: Database, device: StoredDevice, code: string, language: string | undefined, asked: string): Promise<StoredProfile> {
  const body = {
    code: code.trim(),
    public_key: base64url(device.publicKey),
    proof: base64url(await sign(device, joinStatement(code.trim()))),
    label: labelOfThisPhone(),
    language: asked,
  };
  const reply = await fetch('/v1/join', {
    method: 'POST',
    credentials: 'omit',
    cache: 'no-store',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  if (!reply) throw new Problem('offline');
  if (!reply.ok) throw await refused(reply);
  const joined = (await jsonOf(reply).catch(() => undefined)) as Joined | undefined;
  return alone('join', () => keep(database, profileOf(joined), language));
}

/** One who was here before goes on where she was: all that she did is still hers, and is offered again from its start. */
async function keep(database: Database, joined: StoredProfile, language: string | undefined): Promise<StoredProfile> {
  let now = language ? { ...joined, language } : joined;
  await write(database, ['profiles'], async (change) => {
    const profiles = change.objectStore('profiles');
    const all = await profiles.getAll();
    const before = all.find(({ learnerId }) => learnerId === joined.learnerId);
    const { remote, releaseKey, nextReleaseKey, keyGeneration, pushKey } = joined;
    if (before) now = { ...before, remote, releaseKey, nextReleaseKey, keyGeneration, pushKey, recordsSent: 0, status: '', subscription: '' };
    else now = { ...now, number: Math.max(0, ...all.map(({ number }) => number)) + 1 };
    for (const other of all) if (other.remote === remote && other !== before) await profiles.put({ ...other, remote: 0 });
    await profiles.put(now);
  });
  return now;
}

async function refused(reply: Response): Promise<Problem> {
  const { code = '', detail = '' } = (await jsonOf(reply).catch(() => ({}))) as { code?: string; detail?: string };
  if (reply.status === 422) return new Problem('code_unknown', detail);
  return new Problem(KNOWN.includes(code) ? (code as ProblemCode) : 'unknown', detail);
}

/** `number` is given when it is kept. Throws `Problem` for what is no reply of a server that this app knows. */
function profileOf(joined: Joined | undefined): StoredProfile {
  try {
    const { profile, learner, organisation, push_key, epoch, server_time } = joined!;
    const releaseKey = fromBase64url(organisation.release_key);
    if (!(profile > 0 && learner.id && releaseKey.length === KEY_BYTES)) throw new Error('a member is missing');
    return {
      number: 0,
      remote: profile,
      learnerId: learner.id,
      learner: learner.name,
      organisation: organisation.name,
      language: learner.language,
      releaseKey,
      nextReleaseKey: organisation.next_release_key ? fromBase64url(organisation.next_release_key) : undefined,
      keyGeneration: organisation.release_key_generation,
      pushKey: push_key,
      actor: newActor(),
      epoch: fromHex(epoch),
      cursor: 0,
      anchor: Math.floor(server_time / 1000),
      heardAt: Date.now(),
      clock: NEVER,
      // Whatever this key wrote before its storage was lost is asked for; a new one has written nothing.
      sendMine: true,
      recordsSent: 0,
      eventsNext: 0,
      eventsSealed: 0,
      eventsSent: 0,
      version: 0,
      status: '',
      subscription: '',
    };
  } catch (error) {
    throw new Problem('update_needed', String(error));
  }
}

/** What a trainer knows a phone by: its maker's name for it, as far as the browser tells. */
function labelOfThisPhone(): string {
  const found = /\(([^)]*)\)/.exec(navigator.userAgent)?.[1] ?? '';
  return found.split(';').at(-1)?.trim().slice(0, 40) ?? '';
}
