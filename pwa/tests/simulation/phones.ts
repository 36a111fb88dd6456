/** Phones for the simulation (tests/simulation at the project's root): the app's own core, under node, driven by lines
 * of JSON. A phone is a disk in memory and two tabs on it; time, chance and the network are the caller's.
 *
 * `{"do":…,"phone":…}` is answered by one line; an exchange first asks `{"request":…}` for each of its requests and
 * waits for `{"reply":…}`, `{"lost":true}` or `{"refused":true}`. Whatever else comes meanwhile is done meanwhile. */

import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { unwrap } from 'idb';
import { toHex } from '../../src/codec/index.ts';
import { union, writeIntervals, writePosition, type Interval } from '../../src/conflict/index.ts';
import type { Downloads } from '../../src/downloads/index.ts';
import { takeReplies, type Exchanging } from '../../src/core/exchange/carried.ts';
import { exchange, nextRequest, settle } from '../../src/core/exchange/exchange.ts';
import { writeRequestFile } from '../../src/core/exchange/filing.ts';
import type { Told } from '../../src/core/exchange/outbox.ts';
import { join } from '../../src/core/phone/joining.ts';
import { EMPTY, statusOf } from '../../src/core/snapshot.ts';
import { attemptsAt, attemptsOf } from '../../src/core/study/attempts.ts';
import { bookmark, putNote } from '../../src/core/study/notes.ts';
import { sendPictures } from '../../src/core/study/pictures.ts';
import { Quizzes } from '../../src/core/study/quizzes.ts';
import { Work } from '../../src/core/study/work.ts';
import { alone, keysUnder, openDatabase, write, type Database, type StoredDevice, type StoredProfile } from '../../src/storage/database.ts';
import { OPENED } from '../../src/wire/index.ts';

const STORES = ['settings', 'profiles', 'changes', 'pending', 'records', 'events', 'grades', 'courses'] as const;
const EXAM = 'exam', POSTER = 'poster';

interface Command {
  readonly do: 'join' | 'deed' | 'exchange' | 'pictures' | 'file' | 'replies' | 'read' | 'told' | 'view' | 'copy' | 'everything';
  readonly phone: string;
  readonly tab?: number;
  readonly now?: number;
  readonly seed?: string;
  readonly key?: string;
  readonly public?: string;
  readonly joined?: object;
  readonly to?: string;
  /** What the camera made, or a file of replies; base64. */
  readonly picture?: string;
  readonly file?: string;
  /** How many events fit on the disk. */
  readonly room?: number;
  /** Tells nobody what it dropped: a mutant. */
  readonly silent?: boolean;
  readonly what?: string;
  readonly course?: string;
  readonly activity?: string;
  readonly value?: number | string | readonly [number, number];
  readonly number?: number;
}

interface Phone {
  readonly disk: IDBFactory;
  readonly database: Database;
  readonly device: StoredDevice;
  readonly room: number | undefined;
  readonly tabs: readonly Work[];
}

const CORE: Exchanging = { open: Work.open, nextRequest, settle, alone, write };

// What is outside of the app: time, chance, the network, and a course on the phone.

let now = 0;
Date.now = () => now;

let chance = Buffer.alloc(32);
crypto.getRandomValues = <T extends ArrayBufferView | null>(into: T): T => {
  chance = createHash('sha256').update(chance).digest();
  if (into) new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(chance.subarray(0, into.byteLength));
  return into;
};

const say = (words: object): void => void process.stdout.write(`${JSON.stringify(words)}\n`);
const bytes = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(base64, 'base64'));

let answer: (line: Answer) => void = () => undefined;
interface Answer {
  readonly reply?: string;
  readonly lost?: true;
  readonly refused?: true;
}
let welcome: object = {};

Object.defineProperty(globalThis, '__APP_VERSION__', { value: 'simulated' });
Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'simulated', language: 'en' } });
globalThis.fetch = async (path, options) => {
  if (path === '/v1/join') return Response.json(welcome, { status: 201 });
  const isPiece = path === '/v1/pictures';
  const body = Buffer.from(options!.body as Uint8Array);
  say({ request: (isPiece ? Buffer.concat([Buffer.from('P'), body]) : body).toString('base64') });
  const { reply, refused } = await new Promise<Answer>((heard) => (answer = heard));
  if (refused) return Response.json({ code: 'malformed' }, { status: 400 });
  if (reply === undefined) throw new TypeError('Failed to fetch');
  return new Response(bytes(reply));
};

/** A browser's camera and canvas, that find every photograph small enough as it is. */
globalThis.createImageBitmap = (async (file: Blob) => ({ width: 1, height: 1, file, close: () => undefined })) as never;
Object.defineProperty(globalThis, 'document', { value: { createElement: () => canvas() } });

function canvas(): object {
  let drawn: Blob | undefined;
  const context = { fillRect: () => undefined, drawImage: ({ file }: { file: Blob }) => (drawn = file) };
  return { width: 0, height: 0, getContext: () => context, toBlob: (made: (blob: Blob | undefined) => void) => made(drawn) };
}

/** Two quizzes, as a course on the phone would give them; the second asks for a photograph, too. */
const quiz = (kinds: readonly string[]) => ({
  format: 'tiffin-quiz-1', quiz: 'graded', pass_mark: 50, attempts: 2,
  questions: kinds.map((kind, at) => ({ id: `q${at + 1}`, kind, points: 1, prompt: { en: kind } })),
});
const QUIZZES: Readonly<Record<string, object>> = {
  [EXAM]: quiz(['short_text', 'short_text']),
  [POSTER]: quiz(['short_text', 'short_text', 'picture']),
};
const activities = Object.keys(QUIZZES).map((id) => ({ id, kind: 'quiz', object: id, title: {} }));
const course = {
  release: async () => ({ root: { number: 1 }, lessons: [{ activities }] }),
  object: async (name: string) => Buffer.from(JSON.stringify(QUIZZES[name])),
} as unknown as Downloads;

/** A small disk: one event too many aborts its transaction, as in a browser that is out of room. */
const rooms = new WeakMap<object, number>();
const added = IDBObjectStore.prototype.add;
IDBObjectStore.prototype.add = function add(...row) {
  const request = added.apply(this, row);
  const room = rooms.get(this.transaction.db);
  if (room === undefined || this.name !== 'events') return request;
  const transaction = this.transaction as IDBTransaction & { _abort(name: string): void };
  const counted = this.count();
  counted.onsuccess = () => counted.result > room && transaction._abort('QuotaExceededError');
  return request;
};

// Phones.

const phones = new Map<string, Phone>();

async function started(disk: IDBFactory, device: StoredDevice, room?: number): Promise<Phone> {
  globalThis.indexedDB = disk;
  const database = await openDatabase();
  if (room !== undefined) rooms.set(unwrap(database), room);
  const [profile] = await database.getAllKeys('profiles');
  const tabs = profile === undefined ? [] : [await Work.open(database, profile), await Work.open(database, profile)];
  return { disk, database, device, room, tabs };
}

async function joined(command: Command): Promise<Phone> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const publicKey = bytes(command.public!);
  const key = {
    privateKey: await crypto.subtle.importKey('pkcs8', bytes(command.key!), algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey('raw', publicKey, algorithm, true, ['verify']),
  };
  const device = { key, publicKey, id: Uint8Array.from(createHash('sha256').update(publicKey).digest()).slice(0, 16) };
  const disk = new IDBFactory();
  const empty = await started(disk, device);
  welcome = command.joined!;
  await join(empty.database, device, 'CODE', undefined, 'en');
  empty.database.close();
  return started(disk, device, command.room);
}

/** Another disk with the same on it. */
async function copied(phone: Phone): Promise<Phone> {
  const disk = new IDBFactory();
  const { database } = await started(disk, phone.device);
  for (const name of STORES) {
    const [keys, values] = [await phone.database.getAllKeys(name), await phone.database.getAll(name)];
    const store = database.transaction(name, 'readwrite').store;
    for (const [at, value] of values.entries()) await store.put(value as never, store.keyPath ? undefined : (keys[at] as never));
  }
  database.close();
  return started(disk, phone.device, phone.room);
}

const storedIn = async ({ tabs }: Phone): Promise<StoredProfile> => tabs[0]!.stored();

function does(work: Work, { what, course: id = '', activity = '', value, number, picture }: Command): Promise<void> {
  switch (what) {
    case 'reach':
      return work.do(id, () => ({ puts: Number(value) > Number(work.read(id, `s/${activity}`) ?? 0) ? [[`s/${activity}`, Number(value)]] : [] }));
    case 'watch': {
      const before = () => (work.read(id, `w/${activity}`) as Interval[] | null) ?? [];
      return work.do(id, () => ({ puts: [[`w/${activity}`, writeIntervals(union([...before(), value as Interval]))]] }));
    }
    case 'place':
      return work.do(id, (stamp) => ({ puts: [[`p/${activity}`, writePosition(stamp, Number(value))]] }));
    case 'bookmark':
    case 'unmark':
      return bookmark(work, id, activity, Number(value), what === 'bookmark');
    case 'note':
      return putNote(work, id, activity, String(value), 'n1');
    case 'happen':
      return work.do(id, () => ({ event: { verb: OPENED, activity, seconds: Number(value) } }));
    default:
      return handIn(new Quizzes(work, course), id, activity, Number(value), number!, picture);
  }
}

async function handIn(quizzes: Quizzes, id: string, activity: string, seconds: number, number: number, picture?: string): Promise<void> {
  await quizzes.answer(id, activity, 'q1', number % 2 ? 'b' : 'a');
  await quizzes.answer(id, activity, 'q2', String(number));
  if (picture !== undefined) {
    const { pictures } = await quizzes.open(id, activity);
    await quizzes.answer(id, activity, 'q3', await pictures.keep(new Blob([bytes(picture)], { type: 'image/webp' })));
  }
  now += 1000 * seconds;
  await quizzes.handIn(id, activity);
}

async function viewOf(phone: Phone): Promise<object> {
  const { actor, epoch, cursor, recordsSent, number } = await storedIn(phone);
  const { database } = phone;
  const changes = await database.getAllFromIndex('changes', 'profile', number);
  const records = await database.getAllFromIndex('records', 'profile', number);
  const unsent = [...changes.filter(({ waiting }) => waiting).map(({ hash }) => hash), ...records.filter(({ place }) => place >= recordsSent).map(({ hash }) => toHex(hash))];
  const unwritten = (await database.count('pending')) + (await database.count('events')) + (await database.count('settings', keysUnder('unsent', number)));
  return {
    actor, epoch: toHex(epoch), cursor, unsent,
    dropped: await phone.tabs[0]!.dropped(),
    records: records.map(({ hash }) => toHex(hash)),
    changes: changes.map(({ hash }) => hash),
    grades: await database.count('grades'),
    is_settled: unsent.length + unwritten === 0,
  };
}

/** What the app says of itself, as far as these phones have anything to say: what they had no room for. */
async function toldBy(work: Work): Promise<Told | undefined> {
  const dropped = await work.dropped();
  return dropped ? { status: statusOf({ ...EMPTY, dropped }), subscription: '' } : undefined;
}

async function askForEverything(phone: Phone): Promise<void> {
  const stored = await storedIn(phone);
  await phone.database.put('profiles', { ...stored, cursor: 0, sendMine: true, version: stored.version + 1 });
}

async function run(command: Command): Promise<object> {
  if (command.now !== undefined) now = command.now;
  if (command.seed !== undefined) chance = Buffer.from(command.seed);
  if (command.do === 'join') {
    phones.set(command.phone, await joined(command));
    return {};
  }
  const phone = phones.get(command.phone)!;
  const work = phone.tabs[command.tab ?? 0]!;
  switch (command.do) {
    case 'deed':
      await does(work, command);
      return {};
    case 'exchange':
      return exchange(work, phone.device, command.silent ? undefined : await toldBy(work), () => undefined).then(() => ({ done: true }), (error: unknown) => ({ failed: String(error) }));
    case 'pictures':
      return sendPictures(work, phone.device, () => undefined, () => false).then(() => ({ done: true }), (error: unknown) => ({ failed: String(error) }));
    case 'file': {
      const { file } = await writeRequestFile(CORE, work, phone.device, (await toldBy(work)) ?? (await storedIn(phone)));
      return { file: Buffer.from(await file.arrayBuffer()).toString('base64') };
    }
    case 'replies':
      return { taken: await takeReplies(CORE, phone.database, phone.device, new Blob([bytes(command.file!)])) };
    case 'read':
      await work.refresh();
      return { value: work.read(command.course!, command.what!) };
    case 'told':
      return attemptsAt(await attemptsOf(phone.database, await storedIn(phone)), command.course!, command.activity!);
    case 'copy':
      phones.set(command.to!, await copied(phone));
      return {};
    case 'everything':
      await askForEverything(phone);
      return {};
    default:
      return viewOf(phone);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const said = JSON.parse(line) as Command & Answer;
  if (said.do) void run(said).then(say, (error: unknown) => say({ error: error instanceof Error ? (error.stack ?? '') : String(error) }));
  else answer(said);
}
