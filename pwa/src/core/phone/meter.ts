/** What Tiffin sent and received on this phone, month by month: a learner pays for each byte. */

import { alone, keepSetting, type Database } from '../../storage/database.ts';

const REST_MS = 1_000; // a download tells of every chunk; what a killed app had not written is a second of it

const monthKey = (): string => `bytes/${new Date().toISOString().slice(0, 7)}`;

export class Meter {
  #unwritten = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly database: Database) {}

  readonly count = (bytes: number): void => {
    this.#unwritten += bytes;
    this.#timer ??= setTimeout(() => void this.write().catch(() => undefined), REST_MS);
  };

  async thisMonth(): Promise<number> {
    return (((await this.database.get('settings', monthKey())) as number | undefined) ?? 0) + this.#unwritten;
  }

  write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return alone('bytes', async () => {
      const bytes = this.#unwritten;
      const before = ((await this.database.get('settings', monthKey())) as number | undefined) ?? 0;
      await keepSetting(this.database, monthKey(), before + bytes);
      this.#unwritten -= bytes;
    });
  }
}
