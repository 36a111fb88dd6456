/** The exchange as bytes: docs/protocol.md. What `sync/wire`, `sync/submissions` and `sync/events` do on the server. */

import { join, Reader, sized, text, uleb, utf8, type Bytes } from '../codec/index.ts';

export const VERSION = 1;
export const SUBMISSIONS = 1, MILESTONES = 2, PROGRESS = 3, EVENTS = 4, STATUS = 5, SUBSCRIPTION = 6;
export const GRADE = 16, RELEASE = 17, MESSAGE = 18, ENROLMENT = 19;
export const OPENED = 1, PLAYED = 2, READ = 3, ATTEMPTED = 4, DOWNLOADED = 5;
export const PARKED = 1, REFUSED = 2, QUARANTINED = 3, LATER = 4;
export const HASH_BYTES = 32;
const EPOCH_BYTES = 8;
/** The bounds of `sync/limits.py`. */
const REPLY_READ_BYTES_MAX = 1 << 20, INFLATED_BYTES_MAX = 4 << 20, FRAMES_MAX = 4_096, FRAME_BYTES_MAX = 256 << 10, REASON_BYTES_MAX = 64;
const DEFLATE = 1, DEFLATE_RAW = 'deflate-raw';
const SEND_MINE = 1, ANSWER_PLAIN = 2; // the header's flags

/** Of what a server says beside exchanges: of a joining, of a photograph, of why not. */
const JSON_BYTES_MAX = 64 << 10;

/** Bytes that are no reply as the protocol defines it. */
export class WireError extends Error {}

/** `digest`: the chain's head for submissions, SHA-256 of the content for everything else. */
export interface Frame {
  readonly kind: number;
  readonly content: Uint8Array;
  readonly digest?: Uint8Array;
}

/** `device` and `epoch` are raw bytes, `sentAt` milliseconds since 1970, `waiting` by tier. */
export interface Header {
  readonly device: Uint8Array;
  readonly profile: number;
  readonly sendMine: boolean;
  readonly epoch: Uint8Array;
  readonly cursor: number;
  readonly sentAt: number;
  readonly waiting: readonly [number, number, number];
}

export interface Verdict {
  readonly index: number;
  readonly verdict: number;
  readonly reason: string;
}

/** `serverTime` in milliseconds since 1970, `wait` in seconds. */
export interface Reply {
  readonly epoch: Uint8Array;
  readonly cursor: number;
  readonly serverTime: number;
  readonly wait: number;
  readonly more: boolean;
  readonly verdicts: readonly Verdict[];
  readonly frames: readonly Frame[];
}

export async function sha256(...parts: readonly ArrayLike<number>[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', join(parts)));
}

/** A whole request, signed, in whichever encoding is smaller; it asks for a plain reply where the browser cannot inflate. */
export async function writeRequest(
  header: Header,
  frames: readonly Frame[],
  sign: (message: Bytes) => Promise<Uint8Array>,
): Promise<Bytes> {
  const flags = (header.sendMine ? SEND_MINE : 0) + (canInflate() ? 0 : ANSWER_PLAIN);
  const head = join([
    header.device, uleb(header.profile), uleb(flags), header.epoch, uleb(header.cursor),
    uleb(header.sentAt), ...header.waiting.map(uleb),
  ]);
  const items = await Promise.all(frames.map(async ({ kind, content, digest }) => join([[kind], digest ?? await sha256(content)])));
  const signature = await sign(join([utf8('tiffin-exchange-1\n'), await sha256(head), ...items]));
  const payload = join([head, ...frames.map(({ kind, content }) => join([uleb(kind), sized(content)]))]);
  const deflated = await deflate(payload);
  const smaller = deflated && deflated.length < payload.length ? deflated : undefined;
  return join([[VERSION, smaller ? DEFLATE : 0], signature, smaller ?? payload]);
}

/** Throws `WireError`, `CodecError`: a reply is hostile until it was read. */
export async function readReply(body: Uint8Array): Promise<Reply> {
  bounded(body.length, REPLY_READ_BYTES_MAX);
  if (body[0] !== VERSION || (body[1] ?? 2) > DEFLATE) throw new WireError('this version is not spoken here');
  const reader = new Reader(body[1] === DEFLATE ? await inflate(body.subarray(2)) : body.subarray(2));
  const number = (most = Number.MAX_SAFE_INTEGER): number => bounded(reader.uleb(), most);
  const epoch = reader.take(EPOCH_BYTES);
  const cursor = number(), serverTime = number(), wait = number(), more = number() > 0;
  const verdicts = Array.from({ length: number(FRAMES_MAX) }, (): Verdict => ({
    index: number(),
    verdict: bounded(reader.take(1)[0]! || Infinity, LATER),
    reason: text(reader.take(number(REASON_BYTES_MAX))),
  }));
  const frames: Frame[] = [];
  while (reader.left) {
    bounded(frames.length + 1, FRAMES_MAX);
    frames.push({ kind: number(), content: reader.take(number(FRAME_BYTES_MAX)) });
  }
  return { epoch, cursor, serverTime, wait, more, verdicts, frames };
}

function bounded(value: number, most: number): number {
  if (value > most) throw new WireError(`${value} where ${most} is the limit`);
  return value;
}

/** Chrome has it from 103 and Safari from 16.4. */
function canInflate(): boolean {
  try {
    return !!new DecompressionStream(DEFLATE_RAW);
  } catch {
    return false;
  }
}

/** Undefined where the browser cannot. */
async function deflate(payload: Bytes): Promise<Bytes | undefined> {
  try {
    return await upTo(Infinity, through(payload, new CompressionStream(DEFLATE_RAW)));
  } catch {
    return undefined;
  }
}

async function inflate(raw: Uint8Array): Promise<Bytes> {
  try {
    return await upTo(INFLATED_BYTES_MAX, through(raw.slice(), new DecompressionStream(DEFLATE_RAW)));
  } catch {
    throw new WireError('the reply cannot be inflated');
  }
}

const through = (raw: Bytes, stream: CompressionStream | DecompressionStream) => new Blob([raw]).stream().pipeThrough(stream);

/** All of a stream; throws `WireError` as soon as there is more than `most` of it, and asks for no more. */
async function upTo(most: number, stream: ReadableStream<Uint8Array> | null): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  const reader = stream?.getReader();
  let total = 0;
  for (let next = await reader?.read(); next && !next.done; next = await reader!.read()) {
    chunks.push(next.value);
    total += next.value.length;
    if (total > most) {
      void reader!.cancel().catch(() => undefined);
      throw new WireError(`more than ${most} bytes`);
    }
  }
  return join(chunks);
}

/** What came back, as far as it can be read: whoever answers must not fill a phone's memory. Throws `WireError`, and
 * what `fetch` throws. */
export const bytesOf = (reply: Response, most = REPLY_READ_BYTES_MAX): Promise<Bytes> => upTo(most, reply.body);
export const jsonOf = async (reply: Response, most = JSON_BYTES_MAX): Promise<unknown> => JSON.parse(text(await bytesOf(reply, most)));

/** The name of a sealed record: it holds everything before it in the chain. */
export const nextHash = (previous: Uint8Array, record: Uint8Array): Promise<Bytes> =>
  sha256(utf8('tiffin-submission-1\n'), previous, record);

/** Consecutive records of a chain; `previous` is the hash before the first of them, `head` the last's. */
export function submissionsFrame(start: number, previous: Uint8Array, records: readonly Uint8Array[], head: Uint8Array): Frame {
  const content = join([uleb(start), start ? previous : [], ...records.map(sized)]);
  return { kind: SUBMISSIONS, content, digest: head };
}

/** A document frame's content: the course, then the change to the end. */
export const writeChange = (course: string, body: Uint8Array): Bytes => join([sized(utf8(course)), body]);

export function readChange(content: Uint8Array): [course: string, body: Uint8Array] {
  const reader = new Reader(content);
  const course = text(reader.take(reader.uleb()));
  return [course, content.slice(reader.at)];
}

/** What was done with an activity; `started` in unix seconds, for `seconds`. */
export interface LearningEvent {
  readonly verb: number;
  readonly activity: string;
  readonly started: number;
  readonly seconds: number;
}

/** Consecutive events in one course; `first` is the sequence number of the first. */
export function writeEvents(first: number, course: string, events: readonly LearningEvent[]): Bytes {
  const activities = [...new Set(events.map(({ activity }) => activity))];
  let before = 0;
  const rows = events.map(({ verb, activity, started, seconds }) => {
    const row = [verb, activities.indexOf(activity), started - before, seconds];
    before = started;
    return row;
  });
  return json({ first, course, activities, rows });
}

export const json = (value: unknown): Bytes => join([utf8(JSON.stringify(value))]);

/** What a device signs to show that it holds its key. */
export const joinStatement = (code: string): Bytes => join([utf8(`tiffin-join-1\n${code.replaceAll('-', '').toUpperCase()}`)]);
