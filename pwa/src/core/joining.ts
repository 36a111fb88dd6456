/** Joining: a code makes this phone one of a learner's. Several learners may share it, each in a profile of her own. */

import { fromHex, toHex } from '../codec/index.ts';
import { NEVER } from '../conflict/index.ts';
import { Problem, type ProblemCode } from '../model.ts';
import type { Database, StoredDevice, StoredProfile } from '../storage/database.ts';
import { joinStatement } from '../wire/index.ts';
import { base64url, fromBase64url, sign } from './device.ts';
import { newActor } from './work.ts';

interface Joined {
  readonly profile: number;
  readonly learner: { name: string; language: string };
  readonly organisation: { name: string; release_key: string };
  readonly push_key: string;
  readonly epoch: string;
  readonly server_time: number;
}

const KNOWN: readonly string[] = ['code_unknown', 'code_expired', 'too_many_tries', 'busy'];

/** Throws `Problem`: code_unknown, code_expired, too_many_tries, offline. Repeating it gives the same profile. */
export async function join(database: Database, device: StoredDevice, code: string, language: string): Promise<StoredProfile> {
  const body = {
    code: code.trim(),
    public_key: base64url(device.publicKey),
    proof: base64url(await sign(device, joinStatement(code.trim()))),
    label: labelOfThisPhone(),
    language,
  };
  const reply = await fetch('/v1/join', {
    method: 'POST',
    credentials: 'omit',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  if (!reply) throw new Problem('offline');
  if (!reply.ok) throw await refused(reply);
  const profile = profileOf((await reply.json()) as Joined);
  const before = await database.get('profiles', profile.number);
  const now = before ? { ...before, releaseKey: profile.releaseKey, pushKey: profile.pushKey } : profile;
  await database.put('profiles', now);
  return now;
}

async function refused(reply: Response): Promise<Problem> {
  const { code = '', detail = '' } = (await reply.json().catch(() => ({}))) as { code?: string; detail?: string };
  if (reply.status === 422) return new Problem('code_unknown', detail);
  return new Problem(KNOWN.includes(code) ? (code as ProblemCode) : 'unknown', detail);
}

function profileOf(joined: Joined): StoredProfile {
  return {
    number: joined.profile,
    learner: joined.learner.name,
    organisation: joined.organisation.name,
    language: joined.learner.language,
    releaseKey: fromBase64url(joined.organisation.release_key),
    pushKey: joined.push_key,
    actor: toHex(newActor()),
    epoch: fromHex(joined.epoch),
    cursor: 0,
    anchor: Math.floor(joined.server_time / 1000),
    clock: NEVER,
    sendMine: false,
    recordsSent: 0,
    eventsNext: 0,
    status: '',
    subscription: '',
  };
}

/** What a trainer knows a phone by: its maker's name for it, as far as the browser tells. */
function labelOfThisPhone(): string {
  const found = /\(([^)]*)\)/.exec(navigator.userAgent)?.[1] ?? '';
  return found.split(';').at(-1)?.trim().slice(0, 40) ?? '';
}
