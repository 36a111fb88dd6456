/** What one request carries, and what of the disk each frame stands for: in tier order, as the protocol wants it. */

import { decode, DELETED } from '../../codec/index.ts';
import { COMPLETED } from '../../conflict/index.ts';
import type { Waiting } from '../../model.ts';
import { keysUnder, type Database, type StoredEvent, type StoredProfile, type StoredRecord } from '../../storage/database.ts';
import { EVENTS, json, PROGRESS, STATUS, submissionsFrame, SUBSCRIPTION, writeChange, writeEvents, type Frame } from '../../wire/index.ts';

/** Some seconds of 2G: what one request brought is safe, whatever becomes of the next. */
export const REQUEST_BYTES_MAX = 96 << 10;
const RECORDS_BYTES_MAX = 48 << 10;
const EVENTS_IN_FRAME_MAX = 500;
const FIRST = new Uint8Array(32);

/** What the device says of itself with the exchange; JSON. */
export interface Told {
  readonly status: string;
  readonly subscription: string;
}

/** A frame, and the rows that it carries: what leaves the outbox when it was acknowledged. */
export interface Outgoing {
  readonly frame: Frame;
  readonly what: 'records' | 'change' | 'events' | 'status' | 'subscription';
  /** The first record or event that is not in it; the row of a change. */
  readonly upto: number;
  /** The first event that is in it. */
  readonly from?: number;
  /** What was said, or a change's hash. */
  readonly text?: string;
}

export type Left = readonly [immediate: number, batched: number, eventual: number];

/** Everything unsent, up to some bytes, and how many frames are left for the next request. */
export async function gather(database: Database, profile: StoredProfile, told: Told | undefined, bytesMax: number): Promise<{ outgoing: Outgoing[]; left: Left }> {
  const { number } = profile;
  const all = [
    ...recordsOf(await database.getAllFromIndex('records', 'profile', number), profile.recordsSent),
    ...await changesOf(database, number),
    ...eventsOf(await database.getAllFromIndex('events', 'profile', number)),
    ...(told && told.status !== profile.status ? [textFrame(STATUS, 'status', told.status)] : []),
    ...(told && told.subscription !== profile.subscription ? [textFrame(SUBSCRIPTION, 'subscription', told.subscription)] : []),
  ];
  let bytes = 0;
  const full = all.findIndex(({ frame }, at) => (bytes += frame.content.length) > bytesMax && at > 0);
  const rest = full < 0 ? [] : all.slice(full);
  const count = (from: number, to: number) => rest.filter(({ frame: { kind } }) => kind >= from && kind <= to).length;
  return { outgoing: full < 0 ? all : all.slice(0, full), left: [count(0, PROGRESS - 1), count(PROGRESS, PROGRESS), count(EVENTS, SUBSCRIPTION)] };
}

const textFrame = (kind: number, what: 'status' | 'subscription', text: string): Outgoing =>
  ({ frame: { kind, content: json(JSON.parse(text || '{}')) }, what, upto: 0, text });

/** The chain from the first unsent record on, in frames of some records each. */
function recordsOf(records: readonly StoredRecord[], start: number): Outgoing[] {
  return lots(records.filter(({ place }) => place >= start), (lot) => lot.reduce((sum, { record }) => sum + record.length, 0) < RECORDS_BYTES_MAX).map((lot) => {
    const first = lot[0]!.place, last = lot.at(-1)!;
    const frame = submissionsFrame(first, records.find(({ place }) => place === first - 1)?.hash ?? FIRST, lot.map(({ record }) => record), last.hash);
    return { frame, what: 'records', upto: last.place + 1 };
  });
}

async function changesOf(database: Database, profile: number): Promise<Outgoing[]> {
  const waiting = database.transaction('changes').store.index('waiting');
  const [keys, changes] = await Promise.all([waiting.getAllKeys(profile), waiting.getAll(profile)]);
  return changes
    .map(({ course, kind, body, hash }, at): Outgoing => ({ frame: { kind, content: writeChange(course, body) }, what: 'change', upto: keys[at]!, text: hash }))
    .sort((a, b) => a.frame.kind - b.frame.kind);
}

/** Runs of one course, since a batch belongs to one; numbers go on from batch to batch. */
function eventsOf(events: readonly StoredEvent[]): Outgoing[] {
  return lots(events, (lot, { course }) => lot[0]!.course === course && lot.length < EVENTS_IN_FRAME_MAX).map((lot) => {
    const { sequence, course } = lot[0]!;
    return { frame: { kind: EVENTS, content: writeEvents(sequence, course, lot) }, what: 'events', from: sequence, upto: lot.at(-1)!.sequence + 1 };
  });
}

/** Neighbours together, as long as one more `fits` a lot. */
function lots<T>(rows: readonly T[], fits: (lot: readonly T[], next: T) => boolean): T[][] {
  const all: T[][] = [];
  for (const row of rows) {
    const last = all.at(-1);
    if (last && fits(last, row)) last.push(row);
    else all.push([row]);
  }
  return all;
}

/** What a learner would count, by tier: finished things; places, notes, what was begun, photographs; what was opened. */
export async function waitingOf(database: Database, profile: StoredProfile): Promise<Waiting> {
  const { number } = profile;
  const finished = new Set<string>();
  const others = new Set<string>();
  const count = (course: string, key: string, value: unknown) => {
    if (key.startsWith('q/') && (value === undefined || value === DELETED)) return; // a draft that was handed in
    const [kind, activity, more = ''] = key.split('/');
    if (kind === 's' && value === COMPLETED) finished.add(`${course}/${activity}`);
    // A place and its stretches are one video's; the answers of a draft are one quiz's; each note and bookmark is one.
    else if (kind !== 's') others.add(`${course}/${activity}/${kind === 'n' || kind === 'b' ? kind + more : ''}`);
  };
  for (const { course, body } of await database.getAllFromIndex('changes', 'waiting', number)) {
    for (const { key, value } of decode(body).ops) count(course, key, value);
  }
  for (const { course, key, value } of await database.getAllFromIndex('pending', 'profile', number)) count(course, key, value);
  const records = (await database.getAllFromIndex('records', 'profile', number)).filter(({ place }) => place >= profile.recordsSent);
  for (const { course, activity } of records) finished.delete(`${course}/${activity}`); // a quiz and its completion are one thing
  const eventual = await database.countFromIndex('events', 'profile', number);
  const pictures = await database.count('settings', keysUnder('unsent', number));
  return { immediate: records.length + finished.size, batched: others.size + pictures, eventual };
}
