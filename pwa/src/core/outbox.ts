/** What one request carries, and what of the disk each frame stands for: in tier order, as the protocol wants it. */

import { decode } from '../codec/index.ts';
import { COMPLETED } from '../conflict/index.ts';
import type { Waiting } from '../model.ts';
import type { Database, StoredEvent, StoredProfile, StoredRecord } from '../storage/database.ts';
import { EVENTS, json, STATUS, submissionsFrame, SUBSCRIPTION, writeChange, writeEvents, type Frame } from '../wire/index.ts';

const EVENTS_IN_FRAME_MAX = 1_000;
const FIRST = new Uint8Array(32);

/** A frame, and the rows that it carries: what leaves the outbox when it was acknowledged. */
export type Outgoing =
  | { readonly frame: Frame; readonly what: 'records'; readonly upto: number }
  | { readonly frame: Frame; readonly what: 'change'; readonly key: number }
  | { readonly frame: Frame; readonly what: 'events'; readonly upto: number }
  | { readonly frame: Frame; readonly what: 'status' | 'subscription'; readonly text: string };

/** `status` and `subscription`: what is so now, as JSON; sent where the server was told otherwise last. */
export async function gather(database: Database, profile: StoredProfile, status: string, subscription: string): Promise<Outgoing[]> {
  const outgoing: Outgoing[] = [];
  const records = await database.getAllFromIndex('records', 'profile', profile.number);
  const unsent = records.slice(profile.recordsSent);
  if (unsent.length) outgoing.push(recordsOf(records, profile.recordsSent));
  outgoing.push(...await changesOf(database, profile.number));
  outgoing.push(...eventsOf(await database.getAllFromIndex('events', 'profile', profile.number)));
  if (status !== profile.status) outgoing.push({ frame: textFrame(STATUS, status), what: 'status', text: status });
  if (subscription !== profile.subscription) {
    outgoing.push({ frame: textFrame(SUBSCRIPTION, subscription || '{}'), what: 'subscription', text: subscription });
  }
  return outgoing;
}

const textFrame = (kind: number, text: string): Frame => ({ kind, content: json(JSON.parse(text)) });

function recordsOf(records: readonly StoredRecord[], start: number): Outgoing {
  const unsent = records.slice(start);
  const frame = submissionsFrame(start, records[start - 1]?.hash ?? FIRST, unsent.map(({ record }) => record), unsent.at(-1)!.hash);
  return { frame, what: 'records', upto: records.length };
}

async function changesOf(database: Database, profile: number): Promise<Outgoing[]> {
  const outgoing: Outgoing[] = [];
  const range = IDBKeyRange.only(profile);
  for (let at = await database.transaction('changes').store.index('profile').openCursor(range); at; at = await at.continue()) {
    const { course, kind, body, waiting } = at.value;
    if (waiting) outgoing.push({ frame: { kind, content: writeChange(course, body) }, what: 'change', key: at.primaryKey });
  }
  return outgoing.sort((a, b) => a.frame.kind - b.frame.kind);
}

/** Runs of one course, since a batch belongs to one; numbers go on from batch to batch. */
function eventsOf(events: readonly StoredEvent[]): Outgoing[] {
  const runs: StoredEvent[][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run && run[0]!.course === event.course && run.length < EVENTS_IN_FRAME_MAX) run.push(event);
    else runs.push([event]);
  }
  return runs.map((run) => {
    const content = writeEvents(run[0]!.sequence, run[0]!.course, run);
    return { frame: { kind: EVENTS, content }, what: 'events', upto: run.at(-1)!.sequence + 1 };
  });
}

/** What a learner would count, by tier: finished things; places, notes and what was begun; what was opened. */
export async function waitingOf(database: Database, profile: StoredProfile): Promise<Waiting> {
  const finished = new Set<string>();
  const others = new Set<string>();
  const count = (course: string, key: string, value: unknown) =>
    (key.startsWith('s/') && value === COMPLETED ? finished : others).add(`${course}/${key}`);
  for (const { course, body, waiting } of await database.getAllFromIndex('changes', 'profile', profile.number)) {
    if (waiting) for (const { key, value } of decode(body).ops) count(course, key, value);
  }
  for (const { course, key, value } of await database.getAllFromIndex('pending', 'profile', profile.number)) count(course, key, value);
  for (const done of finished) others.delete(done);
  const records = await database.countFromIndex('records', 'profile', profile.number);
  const eventual = await database.countFromIndex('events', 'profile', profile.number);
  return { immediate: records - profile.recordsSent + finished.size, batched: others.size, eventual };
}
