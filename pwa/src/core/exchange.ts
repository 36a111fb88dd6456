/** One exchange: everything unsent in one request, everything missing in its reply (docs/protocol.md).
 *
 * What a reply acknowledges leaves the outbox in the same transaction that keeps what it brought. A lost reply changes
 * nothing here, and repeating changes nothing there. */

import { changeHash, decode, DELETED, toHex } from '../codec/index.ts';
import { Problem, type ProblemCode } from '../model.ts';
import { alone, write, type Announced, type Change, type Database, type StoredDevice, type StoredGrade, type StoredProfile } from '../storage/database.ts';
import { ENROLMENT, GRADE, MILESTONES, PROGRESS, PARKED, QUARANTINED, readChange, readReply, RELEASE, writeRequest, type Frame, type Reply } from '../wire/index.ts';
import { sign } from './device.ts';
import { gather, type Outgoing } from './outbox.ts';
import { newActor, type Work } from './work.ts';

const PAGES_MAX = 64;
const TIMEOUT_MS = 90_000; // a week's exchange takes some seconds of 2G; beyond this the signal is gone
const NOT_MY_ACTOR: readonly string[] = ['actor_taken', 'actor_forked'];

/** What the device says of itself with the exchange; JSON. */
export interface Told {
  readonly status: string;
  readonly subscription: string;
}

export interface Exchanged {
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Seconds before the next exchange is welcome. */
  readonly wait: number;
}

/** Throws `Problem`. One at a time on this phone, whatever tab asks. */
export function exchange(work: Work, device: StoredDevice, told: Told): Promise<Exchanged> {
  return alone(`exchange-${work.profile}`, async () => {
    let [bytesUp, bytesDown, wait] = [0, 0, 0];
    for (let page = 0; page < PAGES_MAX; page++) {
      const { request, outgoing } = await nextRequest(work, device, told);
      const body = await post(request);
      const reply = await readReply(body).catch(() => {
        throw new Problem('update_needed', 'a reply that cannot be read');
      });
      await settle(work, outgoing, reply);
      bytesUp += request.length;
      bytesDown += body.length;
      wait = reply.wait;
      if (!reply.more) break;
    }
    return { bytesUp, bytesDown, wait };
  });
}

/** Everything unsent, signed: for the network, or to be written into a file. */
export async function nextRequest(work: Work, device: StoredDevice, told: Told): Promise<{ request: Uint8Array<ArrayBuffer>; outgoing: Outgoing[] }> {
  await work.commit();
  const profile = await work.stored();
  const outgoing = await gather(work.database, profile, told.status, told.subscription);
  const header = {
    device: device.id,
    profile: profile.number,
    sendMine: profile.sendMine,
    epoch: profile.epoch,
    cursor: profile.cursor,
    sentAt: Date.now(),
    waiting: [0, 0, 0] as const,
  };
  const request = await writeRequest(header, outgoing.map(({ frame }) => frame), (message) => sign(device, message));
  return { request, outgoing };
}

async function post(request: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const options: RequestInit = { method: 'POST', body: request, credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' };
  const gone = () => {
    throw new Problem('offline');
  };
  const reply = await fetch('/v1/exchange', { ...options, signal: AbortSignal.timeout?.(TIMEOUT_MS) ?? null }).catch(gone);
  if (!reply.ok) throw await refusal(reply);
  return new Uint8Array(await reply.arrayBuffer().catch(gone));
}

const REFUSALS: Readonly<Record<string, ProblemCode>> = {
  busy: 'busy',
  not_ready: 'busy',
  device_unknown: 'not_known_here',
  device_revoked: 'not_known_here',
  unsupported_version: 'update_needed',
};

/** Refused, with the seconds that the server asked to wait. */
export class Refused extends Problem {
  constructor(
    code: ProblemCode,
    detail: string,
    readonly waitSeconds: number,
  ) {
    super(code, detail);
  }
}

async function refusal(reply: Response): Promise<Refused> {
  const { code = '', detail = '' } = (await reply.json().catch(() => ({}))) as { code?: string; detail?: string };
  const known = REFUSALS[code] ?? (reply.status >= 500 ? 'busy' : 'unknown');
  return new Refused(known, detail, Number(reply.headers.get('retry-after')) || 0);
}

/** Takes a reply in: one transaction. */
async function settle(work: Work, outgoing: readonly Outgoing[], reply: Reply): Promise<void> {
  const verdicts = new Map(reply.verdicts.map((verdict) => [verdict.index, verdict]));
  const isCopy = reply.verdicts.some(({ reason }) => NOT_MY_ACTOR.includes(reason));
  const accepted = outgoing.filter(({ what }, index) => {
    const verdict = verdicts.get(index)?.verdict;
    if (verdict === undefined) return true;
    return (verdict === PARKED || verdict === QUARANTINED) && !(isCopy && what === 'change');
  });
  const others = await Promise.all(
    reply.frames.filter(({ kind }) => kind === MILESTONES || kind === PROGRESS).map(async (frame) => {
      const [course, body] = readChange(frame.content);
      return { profile: work.profile, course, kind: frame.kind, hash: await changeHash(body), body, waiting: false };
    }),
  );
  const known = new Set((await work.changes()).map(({ hash }) => hash));
  await write(work.database, ['profiles', 'changes', 'pending', 'records', 'events', 'grades', 'courses'], async (change) => {
    await acknowledge(change, work.profile, accepted);
    for (const other of others) if (!known.has(other.hash)) await change.objectStore('changes').add(other);
    for (const frame of reply.frames) await takeNews(change, work.profile, frame);
    await meet(change, work.profile, reply, isCopy);
    if (isCopy) await rewrite(change, work.profile);
  });
  await work.reload();
}

type Settling = Change<'profiles' | 'changes' | 'pending' | 'records' | 'events' | 'grades' | 'courses'>;

async function acknowledge(change: Settling, profile: number, accepted: readonly Outgoing[]): Promise<void> {
  const profiles = change.objectStore('profiles');
  for (const one of accepted) {
    const stored = (await profiles.get(profile))!;
    if (one.what === 'records') await profiles.put({ ...stored, recordsSent: Math.max(stored.recordsSent, one.upto) });
    else if (one.what === 'events') await change.objectStore('events').delete(IDBKeyRange.bound([profile, 0], [profile, one.upto], false, true));
    else if (one.what === 'change') await markSent(change, one.key);
    else await profiles.put({ ...stored, [one.what]: one.text });
  }
}

async function markSent(change: Settling, key: number): Promise<void> {
  const stored = await change.objectStore('changes').get(key);
  if (stored) await change.objectStore('changes').put({ ...stored, waiting: false }, key);
}

async function takeNews(change: Settling, profile: number, { kind, content }: Frame): Promise<void> {
  if (kind !== GRADE && kind !== RELEASE && kind !== ENROLMENT) return;
  const said = JSON.parse(new TextDecoder().decode(content)) as StoredGrade & Announced & { on: boolean };
  if (kind === GRADE) return void (await change.objectStore('grades').put({ ...said, profile }));
  const courses = change.objectStore('courses');
  const before = (await courses.get([profile, said.course])) ?? { profile, course: said.course, on: true };
  if (kind === ENROLMENT) await courses.put({ ...before, on: said.on });
  else if (said.number >= (before.release?.number ?? 0)) await courses.put({ ...before, release: said });
}

/** A server of another epoch may lack what was acknowledged before: all of it is offered again. */
async function meet(change: Settling, number: number, reply: Reply, isCopy: boolean): Promise<void> {
  const profiles = change.objectStore('profiles');
  const stored = (await profiles.get(number))!;
  const isOther = toHex(stored.epoch) !== toHex(reply.epoch);
  if (isOther) await offerAll(change, stored);
  const met: StoredProfile = {
    ...stored,
    epoch: reply.epoch.slice(),
    cursor: isCopy ? 0 : reply.cursor,
    anchor: Math.max(stored.anchor, Math.floor(reply.serverTime / 1000)),
    sendMine: isCopy || (stored.sendMine && reply.more),
    ...(isOther ? { recordsSent: 0 } : {}),
  };
  await profiles.put(met);
}

async function offerAll(change: Settling, profile: StoredProfile): Promise<void> {
  const index = change.objectStore('changes').index('profile');
  for (let at = await index.openCursor(IDBKeyRange.only(profile.number)); at; at = await at.continue()) {
    if (decode(at.value.body).actor === profile.actor) await at.update({ ...at.value, waiting: true });
  }
}

/** This actor is somebody else's, or was copied: unsent work is written again under a fresh one. */
async function rewrite(change: Settling, number: number): Promise<void> {
  const pending = change.objectStore('pending');
  const index = change.objectStore('changes').index('profile');
  for (let at = await index.openCursor(IDBKeyRange.only(number)); at; at = await at.continue()) {
    if (!at.value.waiting) continue;
    const { course, kind, body } = at.value;
    for (const { key, value } of decode(body).ops) {
      const newer = await pending.get([number, course, kind, key]);
      const plain = value === DELETED ? undefined : (value as string | number | boolean | Uint8Array);
      if (!newer) await pending.put({ profile: number, course, kind, key, value: plain });
    }
    await at.delete();
  }
  const stored = (await change.objectStore('profiles').get(number))!;
  await change.objectStore('profiles').put({ ...stored, actor: toHex(newActor()) });
}

export async function profilesOf(database: Database): Promise<StoredProfile[]> {
  return database.getAll('profiles');
}
