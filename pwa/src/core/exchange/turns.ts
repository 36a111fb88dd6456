/** When to exchange without being asked: when a network comes, when the app is looked at, soon after a hand-in.
 *
 * Failures wait with full jitter, so that a classroom of phones does not come back at once; what the server asks to
 * wait is waited. Source: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015. */

import type { ProblemCode } from '../../model.ts';

const BASE_MS = 2_000;
const WAIT_MAX_MS = 15 * 60_000;
const AGAIN_AFTER_MS = 60_000; // looking at the app every few seconds sends nothing new
const PASSING: readonly (ProblemCode | undefined)[] = ['offline', 'busy']; // what another try may mend

export class Turns {
  #failures = 0;
  #notBefore = 0;
  #refusedUntil = 0; // for everything: a wait that came with a success is about what was put off, never about attempts
  #serverWaits = 0;
  #quietUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #begun = false;

  constructor(private readonly exchange: () => Promise<unknown>) {}

  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    addEventListener('online', () => this.#online());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && Date.now() >= this.#quietUntil) this.soon();
    });
  }

  /** As soon as the server and the last failures allow; not while the browser knows that there is no network. */
  soon(notBefore = this.#notBefore): void {
    clearTimeout(this.#timer);
    const wait = notBefore - Date.now();
    if (wait > 0) this.#timer = setTimeout(() => this.soon(), wait);
    else if (navigator.onLine) void this.exchange();
  }

  /** What was finished does not wait for what the server put off of lesser things. */
  handedIn(): void {
    this.soon(this.#refusedUntil);
  }

  /** A whole room may get it in this moment. */
  #online(): void {
    this.#failures = 0;
    this.#notBefore = Math.max(this.#serverWaits, Date.now() + Math.random() * BASE_MS);
    this.soon();
  }

  /** `isMore`: something finished came up meanwhile, or was not taken. */
  succeeded(waitSeconds: number, isMore: boolean): void {
    this.#failures = 0;
    this.#serverWaits = this.#notBefore = Date.now() + waitSeconds * 1000;
    this.#refusedUntil = isMore ? this.#notBefore : 0;
    this.#quietUntil = Math.max(this.#notBefore, Date.now() + AGAIN_AFTER_MS);
    clearTimeout(this.#timer);
    if (!isMore) return;
    this.#notBefore += Math.random() * BASE_MS;
    this.soon();
  }

  failed(problem: ProblemCode | undefined, waitSeconds: number): void {
    this.#failures += 1;
    this.#serverWaits = Date.now() + waitSeconds * 1000;
    const most = PASSING.includes(problem) ? Math.min(WAIT_MAX_MS, BASE_MS * 2 ** this.#failures) : WAIT_MAX_MS;
    this.#refusedUntil = this.#notBefore = this.#quietUntil = this.#serverWaits + Math.random() * most;
    clearTimeout(this.#timer);
    if (PASSING.includes(problem)) this.soon();
  }
}
