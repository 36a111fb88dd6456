/** One exchange: everything unsent in one request, everything missing in its reply (docs/protocol.md).
 *
 * gather   what is unsent, in tier order (`outbox.ts`); signed, it is the next request
 * post     there and back
 * settle   what the reply acknowledges leaves the outbox, in the same transaction that keeps what it brought
 *
 * A lost reply changes nothing here, and repeating changes nothing there. */

import { changeHash, decode, toHex } from '../../codec/index.ts';
import { Problem, type ProblemCode } from '../../model.ts';
import { alone, eventsOf, write, type Announced, type Change, type StoredChange, type StoredDevice, type StoredGrade, type StoredProfile } from '../../storage/database.ts';
import { bytesOf, ENROLMENT, GRADE, jsonOf, LATER, MILESTONES, PARKED, PROGRESS, readChange, readReply, RELEASE, WireError, writeRequest, type Frame, type Reply } from '../../wire/index.ts';
import { sign } from '../phone/device.ts';
import { gather, REQUEST_BYTES_MAX, type Left, type Outgoing, type Told } from './outbox.ts';
import { assembled, documentIn, grow, newActor, nowSeconds, type Work } from '../study/work.ts';

const PAGES_MAX = 64;
const TIMEOUT_MS = 120_000; // the largest request and reply take some 60 s of 2G; beyond this the signal is gone
/** What is said around the bodies of one request, without TLS: by Chromium 156 some 560 bytes, by the server 240. */
export const HEADERS_BYTES = 800;

export interface Exchanged {
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Seconds before the next exchange is welcome. */
  readonly wait: number;
}

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

/** Throws `Problem`. One at a time on this phone, whatever tab asks. `onBytes` hears of every byte, lost or not. */
export function exchange(work: Work, device: StoredDevice, told: Told | undefined, onBytes: (count: number) => void): Promise<Exchanged> {
  return alone(`exchange-${work.profile}`, async () => {
    let [bytesUp, bytesDown, wait] = [0, 0, 0];
    const offered = new Set<string>();
    for (let page = 0; page < PAGES_MAX; page++) {
      const { request, outgoing, left } = await nextRequest(work, device, told);
      onBytes(request.length + HEADERS_BYTES);
      const body = await post(request);
      onBytes(body.length);
      const reply = await readReply(body).catch(unreadable);
      const isOffering = await settle(work, outgoing, reply, offered);
      bytesUp += request.length;
      bytesDown += body.length;
      wait = reply.wait;
      const isBusy = reply.verdicts.some(({ verdict }) => verdict === LATER);
      if (isBusy || !(reply.more || isOffering || left.some(Boolean))) break;
    }
    return { bytesUp, bytesDown, wait };
  });
}

const unreadable = (): never => {
  throw new Problem('update_needed', 'a reply that cannot be read');
};

/** What is unsent, signed: for the network, or, whole, to be written into a file. Throws `Problem`. */
export async function nextRequest(
  work: Work,
  device: StoredDevice,
  told: Told | undefined,
  bytesMax = REQUEST_BYTES_MAX,
): Promise<{ request: Uint8Array<ArrayBuffer>; outgoing: Outgoing[]; left: Left }> {
  return work.alone(async () => {
    await work.commit();
    const profile = await sealed(work);
    if (!profile.remote) throw new Problem('not_known_here', 'this learner has to join again');
    const { outgoing, left } = await gather(work.database, profile, told, bytesMax);
    const { remote, sendMine, epoch, cursor } = profile;
    const header = { device: device.id, profile: remote, sendMine, epoch, cursor, sentAt: Date.now(), waiting: left };
    const request = await writeRequest(header, outgoing.map(({ frame }) => frame), (message) => sign(device, message));
    return { request, outgoing, left };
  });
}

/** What may have travelled is never written again: the server takes each batch of events by its bytes. */
async function sealed(work: Work): Promise<StoredProfile> {
  const profile = await work.stored();
  if (profile.eventsSealed === profile.eventsNext) return profile;
  const now = { ...profile, eventsSealed: profile.eventsNext };
  await write(work.database, ['profiles'], (change) => change.objectStore('profiles').put(now));
  return now;
}

async function post(request: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const options: RequestInit = { method: 'POST', body: request, credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' };
  const gone = () => {
    throw new Problem('offline');
  };
  const reply = await fetch('/v1/exchange', { ...options, signal: AbortSignal.timeout?.(TIMEOUT_MS) ?? null }).catch(gone);
  if (!reply.ok) throw await refusal(reply);
  return bytesOf(reply).catch((error: unknown) => (error instanceof WireError ? unreadable() : gone()));
}

const REFUSALS: Readonly<Record<string, ProblemCode>> = {
  busy: 'busy',
  not_ready: 'busy',
  device_unknown: 'not_known_here',
  device_revoked: 'not_known_here',
  unsupported_version: 'update_needed',
};

async function refusal(reply: Response): Promise<Refused> {
  const { code = '', detail = '' } = (await jsonOf(reply).catch(() => ({}))) as { code?: string; detail?: string };
  const known = REFUSALS[code] ?? (reply.status >= 500 ? 'busy' : 'unknown');
  return new Refused(known, detail, Number(reply.headers.get('retry-after')) || 0);
}

type Settling = Change<'profiles' | 'changes' | 'pending' | 'records' | 'events' | 'grades' | 'courses'>;

/** Takes a reply in: one transaction. Gives whether there is more to offer now: under a new actor, to a new log, or of
 * what this one lost. `offered`: what was offered again by now, and is not another time. */
export async function settle(work: Work, outgoing: readonly Outgoing[], reply: Reply, offered = new Set<string>()): Promise<boolean> {
  const isOffering = await work.alone(async ({ epoch }) => {
    const forked = outgoing.filter((_, at) => reply.verdicts.some(({ index, reason }) => index === at && reason === 'actor_forked'));
    const isCopy = forked.length > 0;
    const accepted = acceptedOf(outgoing, reply, isCopy);
    const lost = lostBy(outgoing, reply).filter((name) => !offered.has(name));
    for (const name of lost) offered.add(name);
    const others = await unknownOf(work, reply.frames);
    if (others.length || isCopy) await work.commit(); // what was put meanwhile had not seen them
    const again = isCopy ? await rewritten(work, new Set(accepted.map(nameOf)), new Set(forked.map(nameOf))) : undefined;
    await work.write(['profiles', 'changes', 'pending', 'records', 'events', 'grades', 'courses'], async (change) => {
      await acknowledge(change, work.profile, accepted);
      if (again) await replace(change, work.profile, again);
      for (const other of others) await change.objectStore('changes').add(other);
      for (const frame of reply.frames) await takeNews(change, work.profile, frame);
      await meet(change, work.profile, reply, lost, again?.actor);
      if (others.length || again) await grow(change, work.profile, {});
    });
    return isCopy || lost.length > 0 || toHex(epoch) !== toHex(reply.epoch);
  });
  await work.refresh();
  return isOffering;
}

/** A change by itself: the same done in two courses at once may be the same bytes. With '' for a hash, its document. */
const nameIn = ({ kind, course }: { kind: number; course: string }, hash: string | undefined): string => `${kind} ${course} ${hash}`;
const documentOf = ({ frame }: Outgoing): { kind: number; course: string } => ({ kind: frame.kind, course: readChange(frame.content)[0] });
const nameOf = (one: Outgoing): string => (one.what === 'change' ? nameIn(documentOf(one), one.text) : '');

/** What is parked builds on something that the server once had, or so it was said: its document's name, or its chain. */
function lostBy(outgoing: readonly Outgoing[], reply: Reply): string[] {
  const parked = reply.verdicts.filter(({ verdict }) => verdict === PARKED).flatMap(({ index }) => outgoing[index] ?? []);
  return parked.map((one) => (one.what === 'change' ? nameIn(documentOf(one), '') : one.what));
}

/** Changes of her other devices that are not here yet. What cannot be read would only stand in the way. */
async function unknownOf(work: Work, frames: readonly Frame[]): Promise<StoredChange[]> {
  const known = new Set((await work.changes()).map((one) => nameIn(one, one.hash)));
  const others: StoredChange[] = [];
  for (const { kind, content } of frames.filter((frame) => frame.kind === MILESTONES || frame.kind === PROGRESS)) {
    try {
      const [course, body] = readChange(content);
      decode(body);
      const hash = await changeHash(body);
      const name = nameIn({ kind, course }, hash);
      if (!known.has(name)) others.push({ profile: work.profile, course, kind, hash, body });
      known.add(name);
    } catch (error) {
      console.error(error);
    }
  }
  return others;
}

/** All that need not be sent again: durable, kept for a person, or refused for good. Not what is to come `LATER`, and
 * nothing of a copied actor but what is durable: its work is written again. */
function acceptedOf(outgoing: readonly Outgoing[], reply: Reply, isCopy: boolean): Outgoing[] {
  const verdicts = new Map(reply.verdicts.map(({ index, verdict }) => [index, verdict]));
  return outgoing.filter(({ what }, index) => !verdicts.has(index) || (verdicts.get(index) !== LATER && !(isCopy && what === 'change')));
}

async function acknowledge(change: Settling, number: number, accepted: readonly Outgoing[]): Promise<void> {
  const profiles = change.objectStore('profiles');
  for (const { what, upto, text, from = 0 } of accepted) {
    const stored = (await profiles.get(number))!;
    if (what === 'records') await profiles.put({ ...stored, recordsSent: Math.max(stored.recordsSent, upto) });
    else if (what === 'events') {
      const { eventsSent = from, eventsDropped = 0 } = stored;
      await profiles.put({ ...stored, eventsSent: Math.max(eventsSent, upto), eventsDropped: eventsDropped + Math.max(0, from - eventsSent) });
      await change.objectStore('events').delete(eventsOf(number, upto));
    }
    else if (what === 'change') await markSent(change, upto);
    else await profiles.put({ ...stored, [what]: text });
  }
}

async function markSent(change: Settling, key: number): Promise<void> {
  const stored = await change.objectStore('changes').get(key);
  if (!stored) return;
  const { waiting: _, ...sent } = stored;
  await change.objectStore('changes').put(sent, key);
}

async function takeNews(change: Settling, profile: number, { kind, content }: Frame): Promise<void> {
  const said = read(content);
  const nameOfGrade = said && (said.submission ?? `${said.course}/${said.activity}`);
  if (kind === GRADE && nameOfGrade) await change.objectStore('grades').put({ ...said, submission: nameOfGrade, profile });
  if ((kind !== RELEASE && kind !== ENROLMENT) || !said) return;
  const courses = change.objectStore('courses');
  const before = (await courses.get([profile, said.course])) ?? { profile, course: said.course, on: true };
  if (kind === ENROLMENT) await courses.put({ ...before, on: said.on });
  else if (said.root && said.bytes && said.number >= (before.release?.number ?? 0)) await courses.put({ ...before, release: said });
}

function read(content: Uint8Array): (StoredGrade & Announced & { on: boolean }) | undefined {
  try {
    const said = JSON.parse(new TextDecoder().decode(content)) as StoredGrade & Announced & { on: boolean };
    return typeof said.course === 'string' ? said : undefined;
  } catch {
    return undefined;
  }
}

/** A server of another epoch may lack what was acknowledged before: all of it is offered again; and so is what a server
 * lost that does not know it. */
async function meet(change: Settling, number: number, reply: Reply, lost: readonly string[], newActorName: string | undefined): Promise<void> {
  const profiles = change.objectStore('profiles');
  const stored = (await profiles.get(number))!;
  const isOther = toHex(stored.epoch) !== toHex(reply.epoch);
  if (isOther || lost.length) await offer(change, number, (one) => isOther || lost.includes(nameIn(one, '')));
  await profiles.put({
    ...stored,
    epoch: reply.epoch.slice(),
    cursor: newActorName ? 0 : reply.cursor,
    ...(reply.serverTime >= stored.anchor * 1000 ? { anchor: Math.floor(reply.serverTime / 1000), heardAt: Date.now() } : {}),
    sendMine: newActorName !== undefined || (stored.sendMine && reply.more),
    ...(newActorName ? { actor: newActorName } : {}),
    ...(isOther || lost.includes('records') ? { recordsSent: 0 } : {}),
  });
}

/** Her other phones' work too: they may have lost it, and this one may be all that holds it. */
async function offer(change: Settling, number: number, isWanted: (one: StoredChange) => boolean): Promise<void> {
  const index = change.objectStore('changes').index('profile');
  for (let at = await index.openCursor(number); at; at = await at.continue()) {
    if (isWanted(at.value)) await at.update({ ...at.value, waiting: number });
  }
}

interface Again {
  readonly actor: string;
  /** Names of those that are written again, and what became of them. */
  readonly gone: ReadonlySet<string>;
  readonly changes: readonly StoredChange[];
}

/** Two write under one actor: what forked, and all unsent work under this phone's own, is written again under a fresh
 * one, change by change, with everything that builds on it. */
async function rewritten(work: Work, durable: ReadonlySet<string>, forked: ReadonlySet<string>): Promise<Again> {
  const { actor: former } = await work.stored();
  const all = (await work.changes()).map((one) => ({ ...one, name: nameIn(one, one.hash), ...decode(one.body) }));
  const isUnsent = ({ waiting, actor, name }: (typeof all)[number]) => waiting && actor === former && !durable.has(name);
  const gone = new Set(all.filter((one) => forked.has(one.name) || isUnsent(one)).map(({ name }) => name));
  for (let before = 0; gone.size !== before;) {
    before = gone.size;
    for (const one of all) if (one.deps.some((dep) => gone.has(nameIn(one, dep)))) gone.add(one.name);
  }
  const actor = newActor();
  const { documents } = await assembled(actor, all.filter(({ name }) => !gone.has(name)));
  const changes: StoredChange[] = [];
  for (const { name, profile, course, kind, ops } of all) {
    if (!gone.has(name)) continue;
    const document = documentIn(documents, actor, { course, kind });
    for (const op of ops) document.pend(op);
    const body = await document.commit(nowSeconds());
    if (body) changes.push({ profile, course, kind, body, hash: await changeHash(body), waiting: profile });
  }
  return { actor, gone, changes };
}

async function replace(change: Settling, number: number, { gone, changes }: Again): Promise<void> {
  const store = change.objectStore('changes');
  for (let at = await store.index('profile').openCursor(number); at; at = await at.continue()) {
    if (gone.has(nameIn(at.value, at.value.hash))) await at.delete();
  }
  for (const one of changes) await store.add(one);
}
