/** Takes courses along and says how far that is, on every tab of this phone alike.
 *
 * One tab takes a course at a time; the others follow what it says. A new release is taken beside the old one and
 * replaces it in one transaction, when it is whole. Nothing counts that was not checked against what was signed. */

import type { Bytes } from '../codec/index.ts';
import { forget, missingOf, settle } from '../content/keeping.ts';
import { bytesOf, openRelease, piecesOf, type Release } from '../content/release.ts';
import { kept, openContent, type Chosen, type ContentStore, type Holding, type ReleaseRecord } from '../content/store.ts';
import { Problem } from '../model.ts';
import { alone } from '../storage/database.ts';
import { tool } from '../tools/index.ts';
import type { Fetching } from './arriving.ts';
import type { Source } from './copying.ts';
import { Pace } from './pace.ts';
import type { Offer } from './planning.ts';
import type { Order, Taking } from './taking.ts';
import type { Rest } from './trying.ts';

export type { Holding, ReleaseRecord } from '../content/store.ts';
export type { Source } from './copying.ts';

interface Listener {
  /** Some holding changed. */
  onChange(): void;
  /** Bytes came over the network. */
  onBytes(count: number): void;
  /** Resolves once what opens courses is kept too; a few kilobytes, here long before a course is. Throws `offline`. */
  toolsKept(): Promise<void>;
}

/** What of a release is wanted. */
export type Choose = (offers: readonly Offer[]) => Chosen;
type KeyOf = (course: string) => Bytes | undefined;

/** Whether this browser plays a type with its codecs from segments. */
export const canPlay = (type: string): boolean =>
  (globalThis.MediaSource ?? (globalThis as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource)?.isTypeSupported(type) ?? false;

export interface Offered {
  readonly release: Release;
  readonly offers: readonly Offer[];
}

/** Who only looks does not wait for a network. */
const unlessOffline: Rest = () => Promise.reject(new Problem('offline'));

/** What brings courses is no part of a first load; without it no network helps. */
export const bringing = () => tool('take').catch(() => Promise.reject(new Problem('offline')));

export class Downloads {
  readonly #holdings = new Map<string, Holding>();
  readonly #running = new Map<string, AbortController>();
  readonly #opened = new Map<string, Release>();
  readonly #others = new BroadcastChannel('tiffin-content');
  readonly #closed = new AbortController();

  private constructor(
    readonly store: ContentStore,
    private readonly listener: Listener,
    private readonly rest: Rest | undefined,
  ) {
    this.#others.onmessage = ({ data }) => this.#hear(data as Holding | string);
  }

  static async open(listener: Listener, rest?: Rest): Promise<Downloads> {
    const downloads = new Downloads(await openContent(), listener, rest);
    const digests = new Set(await downloads.store.getAllKeys('objects'));
    for (const holding of await downloads.store.getAll('holdings')) {
      downloads.#holdings.set(holding.course, await downloads.#sound(holding, digests));
    }
    return downloads;
  }

  /** Browsers throw stored things away: what is said to be here is looked for once at each start. */
  async #sound(holding: Holding, digests: ReadonlySet<string>): Promise<Holding> {
    const { held, heldChosen, ...rest } = holding;
    if (!held) return holding;
    const release = digests.has(held.root) && (await openRelease(this.store, held.root).catch(() => undefined));
    if (!release) return { ...rest, taken: 'wrong', problem: 'storage_lost', storedBytes: 0 };
    const pieces = await piecesOf(this.store, release, held.root, canPlay, heldChosen);
    const stored = pieces.filter(({ digest }) => digests.has(digest));
    if (stored.length === pieces.length) return holding;
    return { ...holding, taken: 'wrong', problem: 'storage_lost', storedBytes: bytesOf(stored), totalBytes: bytesOf(pieces) };
  }

  holding(course: string): Holding | undefined {
    return this.#holdings.get(course);
  }

  /** What opens: the release that is held whole, else the one on its way as far as it has come. */
  async release(course: string): Promise<Release | undefined> {
    const holding = this.#holdings.get(course);
    const held = holding?.held && holding.held.number >= (holding.floor ?? 0) ? holding.held : undefined;
    const root = (held ?? holding?.next)?.root;
    if (!root) return undefined;
    const known = this.#opened.get(root);
    if (known) return known;
    const release = await openRelease(this.store, root).catch(() => undefined);
    if (release) this.#opened.set(root, release);
    return release;
  }

  /** From this phone, else from the network: texts that were not taken along are read online. */
  async object(digest: string): Promise<Bytes> {
    const stored = await this.store.get('objects', digest);
    if (stored) return stored;
    return (await tool('take')).readOnline(digest, this.#fetching(new AbortController().signal));
  }

  async has(digest: string): Promise<boolean> {
    return (await this.store.getKey('objects', digest)) !== undefined;
  }

  /** Carries on with what was being taken when the app was killed or the network went, now and whenever it is back. */
  async resume(keyOf: KeyOf): Promise<void> {
    addEventListener('online', () => void this.#carryOn(keyOf), { signal: this.#closed.signal });
    await this.#carryOn(keyOf);
  }

  async #carryOn(keyOf: KeyOf): Promise<void> {
    for (const { course, taken, problem, next } of [...this.#holdings.values()]) {
      const key = keyOf(course);
      const interrupted = taken === 'taking' || (taken === 'paused' && (problem === 'offline' || problem === 'busy'));
      if (interrupted && next && key && !this.#running.has(course)) await this.take(next, key).catch(() => undefined);
    }
  }

  /** Resolves when what was chosen of the course is here, or it was paused. Throws `Problem`; what was fetched stays.
   * Where there was no room for all of it, the holding says so. Who does not choose goes on with what was chosen.
   * With a `source` nothing comes over the network; what that lacks leaves it paused. */
  async take(record: ReleaseRecord, key: Bytes, choose?: Choose, source?: Source): Promise<void> {
    const { course } = record;
    this.#running.get(course)?.abort();
    const control = new AbortController();
    this.#running.set(course, control);
    try {
      const { problem: _, ...before } = this.#holdings.get(course) ?? { course, storedBytes: 0, totalBytes: 0 };
      await this.#keep({ ...before, next: record, taken: 'taking' });
      await alone(`take-${course}`, () => this.#takeAll({ record, key, source }, control.signal, choose));
    } catch (error) {
      if (control.signal.aborted) return;
      await this.#stopped(course, error);
      throw error;
    } finally {
      if (this.#running.get(course) === control) this.#running.delete(course);
    }
  }

  async #takeAll(order: Omit<Order, 'since'>, signal: AbortSignal, choose?: Choose): Promise<void> {
    const { record } = order, { course } = record;
    const { offersOf, wantedOf } = await bringing();
    const taking = await this.#taking(order, signal);
    const tools = order.source ? undefined : taking.tools(() => this.listener.toolsKept());
    tools?.catch(() => undefined); // told below, unless the course itself fails before
    for (let chosen = this.#holdings.get(course)?.nextChosen; ; ) {
      signal.throwIfAborted();
      const release = await taking.release();
      await this.#withdraw(course, taking.floor);
      if (choose) {
        chosen = choose(await offersOf(this.store, release, canPlay));
        signal.throwIfAborted(); // she may have paused it by now, which is said already
        await this.#keep({ ...this.#holdings.get(course)!, nextChosen: chosen });
      }
      const pieces = await wantedOf(this.store, release, record.root, canPlay, chosen);
      const totalBytes = bytesOf(pieces);
      const pace = new Pace();
      await taking.bring(release, pieces, (storedBytes) => {
        if (signal.aborted) return;
        const further = { ...this.#holdings.get(course)!, storedBytes, totalBytes };
        this.#holdings.set(course, further);
        if (pace.isDue()) this.#say(further);
      });
      await tools;
      signal.throwIfAborted();
      const isFull = chosen?.lacksRoom;
      const state = isFull ? ({ taken: 'wrong', problem: 'phone_full' } as const) : ({ taken: 'yes' } as const);
      const whole: Holding = { course, held: record, heldChosen: chosen, ...state, storedBytes: totalBytes, totalBytes };
      if (await settle(this.store, whole, pieces, canPlay)) return this.#say(whole);
    }
  }

  async #taking(order: Omit<Order, 'since'>, signal: AbortSignal, rest = this.rest): Promise<Taking> {
    const { Taking, restFor } = await bringing();
    const since = this.#holdings.get(order.record.course)?.held?.root ?? '';
    return new Taking(this.store, { ...order, since }, this.#fetching(signal), rest ?? restFor);
  }

  async #stopped(course: string, error: unknown): Promise<void> {
    const problem = error instanceof Problem ? error.code : 'unknown';
    const taken = problem === 'offline' || problem === 'busy' ? 'paused' : 'wrong';
    // On a full phone even this may not be kept; it is shown all the same.
    await this.#keep({ ...this.#holdings.get(course)!, taken, problem }).catch(() => undefined);
  }

  /** What a release offers, by activity. Its texts come along with this: they are always taken. */
  async offers(record: ReleaseRecord, key: Bytes): Promise<Offered> {
    const { offersOf } = await bringing();
    return alone(`take-${record.course}`, async () => {
      const taking = await this.#taking({ record, key }, this.#closed.signal, unlessOffline);
      const release = await taking.release();
      await this.#withdraw(record.course, taking.floor);
      return { release, offers: await offersOf(this.store, release, canPlay) };
    });
  }

  /** What an update would fetch, if nothing else is chosen than before. */
  async missingBytes(record: ReleaseRecord, key: Bytes): Promise<number> {
    const { release } = await this.offers(record, key);
    const pieces = await piecesOf(this.store, release, record.root, canPlay, this.#holdings.get(record.course)?.heldChosen);
    return bytesOf(await missingOf(this.store, pieces));
  }

  /** What is held below a newer release's floor stays until that one is here, and does not open. */
  async #withdraw(course: string, floor: number): Promise<void> {
    const holding = this.#holdings.get(course);
    if (holding?.held && holding.held.number < floor && holding.floor !== floor) await this.#keep({ ...holding, floor });
  }

  /** What is on its way is dropped at once, on whichever tab it is. */
  async pause(course: string): Promise<void> {
    this.#running.get(course)?.abort();
    const holding = this.#holdings.get(course);
    if (holding?.taken !== 'taking' && holding?.taken !== 'paused') return;
    const { problem: _, ...paused } = holding;
    this.#say({ ...paused, taken: 'paused' });
    await alone(`take-${course}`, async () => {
      // It may have become whole in that moment.
      if ((await this.store.get('holdings', course))?.taken !== 'yes') await this.#keep({ ...paused, taken: 'paused' });
    });
  }

  /** Frees what no other course needs. */
  async remove(course: string): Promise<void> {
    this.#forget(course);
    await alone(`take-${course}`, async () => {
      await forget(this.store, course, canPlay);
      this.#forget(course);
    });
  }

  #forget(course: string): void {
    this.#hear(course);
    this.#others.postMessage(course);
  }

  #fetching(signal: AbortSignal): Fetching {
    return { signal, onBytes: (count) => this.listener.onBytes(count) };
  }

  async #keep(holding: Holding): Promise<void> {
    this.#say(holding);
    await kept(() => this.store.put('holdings', holding));
  }

  /** Here and in the other tabs. */
  #say(holding: Holding): void {
    this.#holdings.set(holding.course, holding);
    this.#others.postMessage(holding);
    this.listener.onChange();
  }

  /** Another tab changed a holding, or removed a course: what runs here for it ends unless it is still to be taken. */
  #hear(said: Holding | string): void {
    const course = typeof said === 'string' ? said : said.course;
    if (typeof said === 'string') this.#holdings.delete(course);
    else this.#holdings.set(course, said);
    if (typeof said === 'string' || said.taken !== 'taking') this.#running.get(course)?.abort();
    this.listener.onChange();
  }

  close(): void {
    this.#closed.abort();
    for (const control of this.#running.values()) control.abort();
    this.#others.close();
  }
}
