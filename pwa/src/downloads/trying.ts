/** Goes on after cuts, and waits longer and longer where there is nothing to go on with.
 *
 * 2G drops many connections that the next one only continues: as long as an attempt brings something, the next begins
 * at once. Otherwise the waiting is random, up to a bound that doubles, so that a classroom of phones does not come
 * back in the same second ("full jitter"). */

import { Problem } from '../model.ts';
import { Busy } from './arriving.ts';
import { WrongBytes } from './fetching.ts';

const WAIT_MS_FIRST = 1_000;
const WAIT_MS_MAX = 30_000;
const TRIES_MAX = 7; // some minute and a half without a network; then it is for her, or for the network's return, to go on
const BUSY_MS_MAX = 300_000; // who is asked to wait for longer pauses instead

/** Resolves after so many milliseconds, or when the signal ends. */
export type Rest = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export const restFor: Rest = (milliseconds, signal) =>
  new Promise((rested) => {
    const timer = setTimeout(rested, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), rested()), { once: true });
  });

export interface Trying {
  readonly signal: AbortSignal;
  readonly rest: Rest;
  /** Grows with everything that an attempt keeps. */
  progress(): Promise<number>;
  /** Digests of bytes that were wrong before: once is a cache on the way, twice is tampering. */
  readonly wrong: Set<string>;
}

/** Throws `tampered` for bytes that are wrong twice, `offline` and `busy` when nothing more comes, and what is neither. */
export async function trying<T>(attempt: () => Promise<T>, { signal, rest, progress, wrong }: Trying): Promise<T> {
  let before = await progress();
  for (let idle = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof WrongBytes) {
        onceMore(wrong, error.digest);
        continue;
      }
      const now = await progress();
      idle = now > before ? 0 : idle + 1;
      before = now;
      await rest(waitAfter(error, idle), signal);
    }
  }
}

function onceMore(wrong: Set<string>, digest: string): void {
  if (wrong.has(digest)) throw new Problem('tampered', digest);
  wrong.add(digest);
}

/** How long to wait after this; throws it where waiting does not help. */
function waitAfter(error: unknown, idle: number): number {
  const asked = error instanceof Busy ? error.seconds * 1000 : 0;
  const isPassing = error instanceof Problem && (error.code === 'offline' || error.code === 'busy');
  if (!isPassing || idle >= TRIES_MAX || asked > BUSY_MS_MAX) throw error;
  return idle || asked ? Math.max(asked, Math.random() * Math.min(WAIT_MS_MAX, WAIT_MS_FIRST * 2 ** idle)) : 0;
}
