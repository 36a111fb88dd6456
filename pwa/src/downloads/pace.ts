/** How often something is said that changes faster than anybody reads: a screen that is drawn for each piece of a card is
 * drawn hundreds of times, and does nothing else. */

const PACE_MS = 200;

export class Pace {
  #next = 0;

  isDue(): boolean {
    const now = performance.now();
    if (now < this.#next) return false;
    this.#next = now + PACE_MS;
    return true;
  }
}
