/** When to exchange without being asked: when a network comes, when the app is looked at, soon after a hand-in.
 *
 * Failures wait with full jitter, so that a classroom of phones does not come back at once; what the server asks to
 * wait is waited. Source: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015. */

const BASE_MS = 2_000;
const WAIT_MAX_MS = 15 * 60_000;
const AGAIN_AFTER_MS = 60_000; // looking at the app every few seconds sends nothing new

export class Turns {
  #failures = 0;
  #notBefore = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #begun = false;

  constructor(private readonly exchange: () => Promise<unknown>) {}

  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    addEventListener('online', () => void this.soon());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && Date.now() >= this.#notBefore && void this.soon());
  }

  /** Now, unless the browser knows that there is no network. */
  async soon(): Promise<void> {
    if (navigator.onLine) await this.exchange();
  }

  succeeded(waitSeconds: number): void {
    this.#failures = 0;
    this.#notBefore = Date.now() + Math.max(AGAIN_AFTER_MS, waitSeconds * 1000);
    clearTimeout(this.#timer);
  }

  failed(waitSeconds: number): void {
    this.#failures += 1;
    const most = Math.min(WAIT_MAX_MS, BASE_MS * 2 ** this.#failures);
    const wait = waitSeconds * 1000 + Math.random() * most;
    this.#notBefore = Date.now() + wait;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.soon(), wait);
  }
}
