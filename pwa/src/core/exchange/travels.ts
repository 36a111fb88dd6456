/** The phone's exchanges: one at a time, for who opened the app and then for her sister, and photographs behind them. */

import { Problem, type LastExchange } from '../../model.ts';
import { keysUnder, type Database, type StoredDevice, type StoredProfile } from '../../storage/database.ts';
import { tool } from '../../tools/index.ts';
import { exchange, Refused } from './exchange.ts';
import type { Meter } from '../phone/meter.ts';
import type { Told } from './outbox.ts';
import { Turns } from './turns.ts';
import { Work } from '../study/work.ts';

/** What is asked of the app, and what it is told. */
export interface Traveller {
  readonly work: () => Work | undefined;
  readonly told: () => Promise<Told>;
  readonly began: () => void;
  readonly changed: () => Promise<void>;
  /** News of a profile have come. */
  readonly arrived: (work: Work) => Promise<void>;
}

export class Travels {
  readonly #turns = new Turns(() => this.exchange());
  readonly #last = new Map<number, LastExchange>();
  #sending: Promise<LastExchange> | undefined;

  constructor(
    private readonly database: Database,
    private readonly device: StoredDevice,
    private readonly meter: Meter,
    private readonly app: Traveller,
  ) {}

  begin(): void {
    this.#turns.begin();
    this.#turns.soon();
  }

  handedIn(): void {
    this.#turns.handedIn();
  }

  get isSending(): boolean {
    return this.#sending !== undefined;
  }

  last({ number, lastExchange }: StoredProfile): LastExchange | undefined {
    return this.#last.get(number) ?? lastExchange;
  }

  /** Who asks while one is under way gets that one's outcome; what she finished meanwhile goes right after it. */
  exchange(): Promise<LastExchange> {
    this.#sending ??= this.#exchangeAll().then(async (last) => {
      this.#sending = undefined;
      await this.app.changed();
      if (last.ok) void this.#sendPictures();
      return last;
    });
    return this.#sending;
  }

  async #exchangeAll(): Promise<LastExchange> {
    this.app.began();
    const mine = this.app.work();
    const last = await this.#exchangeOne(mine, this.app.told);
    // Her sister's work waits on this phone too.
    for (const { number, remote } of last.ok ? await this.database.getAll('profiles') : []) {
      const work = remote && number !== mine?.profile ? await Work.open(this.database, number) : undefined;
      if (work && Object.values(await work.waiting()).some(Boolean)) await this.#exchangeOne(work);
    }
    return last;
  }

  async #exchangeOne(work: Work | undefined, told?: () => Promise<Told>): Promise<LastExchange> {
    let last: LastExchange = { at: Date.now(), ok: false, bytesUp: 0, bytesDown: 0 };
    try {
      if (!work) throw new Problem('not_known_here', 'nobody has joined');
      const { bytesUp, bytesDown, wait } = await exchange(work, this.device, await told?.(), this.meter.count);
      last = { at: Date.now(), ok: true, bytesUp, bytesDown };
      this.#turns.succeeded(wait, (await work.waiting()).immediate > 0);
    } catch (error) {
      const problem = error instanceof Problem ? error.code : 'unknown';
      if (problem === 'unknown') console.error(error);
      last = { ...last, problem };
      this.#turns.failed(problem, error instanceof Refused ? error.waitSeconds : 0);
    }
    if (!work) return last;
    this.#last.set(work.profile, last); // on a full phone it stands in memory alone
    await work.amend({ lastExchange: last }).catch(() => undefined);
    if (last.ok) await this.app.arrived(work).catch(() => undefined);
    return last;
  }

  /** Photographs follow what they answer, her sister's too, piece by piece; they stand back for every exchange. */
  async #sendPictures(): Promise<void> {
    try {
      for (const { number } of await this.database.getAll('profiles')) {
        if (!(await this.database.count('settings', keysUnder('photo', number)))) continue;
        const { sendPictures } = await tool('quiz');
        await sendPictures(await Work.open(this.database, number), this.device, this.meter.count, () => this.#sending !== undefined);
        await this.app.changed();
      }
    } catch (error) {
      if (error instanceof Problem) this.#turns.failed(error.code, 0); // anything else is tried with the next exchange
    }
  }
}
