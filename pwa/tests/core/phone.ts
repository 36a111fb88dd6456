/** Phones to run the app on: storage that stays when the app is killed, and that can be killed in the middle of a write. */

import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { createHash } from 'node:crypto';
import { vi } from 'vitest';
import { createTiffin } from '../../src/core/index.ts';
import type { Tiffin } from '../../src/model.ts';
import type { School } from './school.ts';

export const COURSE = 'water';

const objects = new Map<string, Uint8Array>();
function put(content: object | string): { object: string; bytes: number } {
  const raw = new Uint8Array(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));
  const object = createHash('sha256').update(raw).digest('hex');
  objects.set(object, raw);
  return { object, bytes: raw.length };
}

const question = (id: string) => ({ id, kind: 'short_text', points: 1, prompt: { en: id } });
const graded = put({ format: 'tiffin-quiz-1', quiz: 'graded', pass_mark: 60, attempts: 2, questions: [question('q1'), question('q2')] });
const practice = put({ format: 'tiffin-quiz-1', quiz: 'practice', pass_mark: 60, questions: [question('q1')], key: { q1: { accept: ['boil'], feedback: { en: 'Well.' } } } });
const common = { tier: 'essential', title: { en: 'x' } };
const lesson = put({
  format: 'tiffin-lesson-1', id: 'l', title: { en: 'L' },
  activities: [
    { ...common, id: 'why', kind: 'page', pages: { en: put('<p>Boil it.</p>') }, pictures: [] },
    { ...common, id: 'exam', kind: 'quiz', quiz: 'graded', points: 2, ...graded, pictures: [] },
    { ...common, id: 'try', kind: 'quiz', quiz: 'practice', points: 1, ...practice, pictures: [] },
  ],
});
const root = put({
  format: 'tiffin-release-1', course: COURSE, number: 1, title: { en: 'Water' }, description: { en: '' }, languages: ['en'], licence: 'CC-BY-4.0', attribution: '',
  lessons: [{ id: 'l', title: { en: 'L' }, manifest: lesson.object, bytes: { essential: 0, important: 0, supplementary: 0 } }],
});

/** The course's release as the server announces it. */
export const RELEASE = {
  course: COURSE, number: 1, root: root.object, root_bytes: root.bytes, signature: '00'.repeat(64), key: '00'.repeat(8),
  title: { en: 'Water' }, description: { en: '' }, languages: ['en'], bytes: { essential: 1, important: 0, supplementary: 0 },
};

/** Every channel of this name hears the others, until its app is killed. */
class Channel {
  static open = new Set<Channel>();
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor(readonly name: string) {
    Channel.open.add(this);
  }
  postMessage(data: unknown): void {
    for (const other of Channel.open) if (other !== this && other.name === this.name) queueMicrotask(() => Channel.open.has(other) && other.onmessage?.({ data }));
  }
  close(): void {
    Channel.open.delete(this);
  }
}

/** Rows written before the phone dies; undefined: it lives. Counted over the learner's own database alone. */
let rowsLeft: number | undefined;
let dead = new WeakSet<object>();
/** Whether the disk takes more rows. */
export const disk = { isFull: false, /** Until events are let go of. */ givesWay: false };
/** How the learner's own transactions asked to be kept. */
export const durabilities = new Set<string | undefined>();

const { transaction } = IDBDatabase.prototype;
IDBDatabase.prototype.transaction = function (...call: Parameters<typeof transaction>) {
  if (dead.has(this)) throw new DOMException('the phone is off', 'InvalidStateError');
  if (this.name === 'tiffin' && call[1] === 'readwrite') durabilities.add(call[2]?.durability);
  return transaction.apply(this, call);
};
for (const name of ['put', 'add', 'delete'] as const) {
  const write = IDBObjectStore.prototype[name] as (...call: unknown[]) => IDBRequest;
  IDBObjectStore.prototype[name] = function (this: IDBObjectStore, ...call: unknown[]) {
    const database = this.transaction.db;
    if (database.name === 'tiffin' && this.transaction.mode === 'readwrite') {
      if (rowsLeft !== undefined && rowsLeft-- <= 0) {
        dead.add(database);
        this.transaction.abort();
        throw new DOMException('the phone went off', 'AbortError');
      }
      if (disk.givesWay && name === 'delete' && this.name === 'events') disk.isFull = false;
      if (disk.isFull && name !== 'delete') {
        this.transaction.abort();
        throw new DOMException('no room', 'QuotaExceededError');
      }
    }
    return write.apply(this, call) as never;
  };
}

export const network = { isOn: true };
const listeners = new Map<string, Set<() => void>>();
export const hear = (event: string): void => listeners.get(event)?.forEach((listener) => listener());
const listen = (event: string, listener: () => void) => void listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));

export function plugIn(school: School): void {
  network.isOn = true;
  disk.isFull = disk.givesWay = false;
  durabilities.clear();
  rowsLeft = undefined;
  dead = new WeakSet();
  listeners.clear();
  const kept = new Map<string, string>();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_790_000_000_000 });
  vi.stubGlobal('BroadcastChannel', Channel);
  vi.stubGlobal('addEventListener', listen);
  vi.stubGlobal('document', { addEventListener: listen, visibilityState: 'visible' });
  vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) });
  vi.stubGlobal('__APP_VERSION__', '0.1.0');
  vi.stubGlobal('navigator', {
    get onLine() {
      return network.isOn;
    },
    language: 'en-GB',
    userAgent: 'Mozilla/5.0 (Linux; Android 13; A1) Chrome',
  });
  vi.stubGlobal('fetch', async (path: string, options: RequestInit) => {
    if (!network.isOn) throw new TypeError('Failed to fetch');
    return school.fetch(path, options);
  });
}

export class Phone {
  #disk = new IDBFactory();

  /** A cold start. The course is on the phone. */
  async start(): Promise<Tiffin> {
    rowsLeft = undefined;
    Channel.open.clear();
    listeners.clear();
    return this.openTab();
  }

  /** One more tab of the same phone. */
  async openTab(): Promise<Tiffin> {
    vi.stubGlobal('indexedDB', this.#disk);
    const content = await import('../../src/content/store.ts').then(({ openContent }) => openContent());
    for (const [digest, raw] of objects) await content.put('objects', raw as Uint8Array<ArrayBuffer>, digest);
    await content.put('holdings', { course: COURSE, held: RELEASE, taken: 'yes', storedBytes: 1, totalBytes: 1 });
    return createTiffin();
  }

  /** It goes off after so many more rows: the transaction that the next one belongs to is never kept. */
  dieAfter(rows: number): void {
    rowsLeft = rows;
  }

  get isDead(): boolean {
    return rowsLeft !== undefined && rowsLeft < 0;
  }

  /** The browser throws away what the app keeps; what is in other storages stays. */
  loseStorage(): void {
    this.#disk = new IDBFactory();
  }

  /** Changes what stands on the disk, behind the app's back. */
  async spoil(store: string, key: IDBValidKey): Promise<void> {
    const database = await this.#opened();
    await new Promise((done) => (database.transaction(store, 'readwrite').objectStore(store).delete(key).onsuccess = done));
    database.close();
  }

  /** Puts rows on the disk as if the app had; `keys` where the rows do not hold them. */
  async fill(store: string, rows: readonly object[], keys: readonly string[] = []): Promise<void> {
    const database = await this.#opened();
    const transaction = database.transaction(store, 'readwrite');
    rows.forEach((row, at) => transaction.objectStore(store).put(row, keys[at]));
    await new Promise((done) => (transaction.oncomplete = done));
    database.close();
  }

  #opened(): Promise<IDBDatabase> {
    return new Promise((opened) => {
      const request = this.#disk.open('tiffin');
      request.onsuccess = () => opened(request.result as unknown as IDBDatabase);
    });
  }

  /** What stands on the disk, store by store. */
  async rows(store: string): Promise<unknown[]> {
    const database = await this.#opened();
    const all = await new Promise<unknown[]>((read) => {
      const request = database.transaction(store).objectStore(store).getAll();
      request.onsuccess = () => read(request.result);
    });
    database.close();
    return all;
  }
}
