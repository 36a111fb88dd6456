/** What of a video was watched, as stretches of seconds: kept apart from each other and in order. */

export type Stretch = readonly [from: number, to: number];

/** One step of playing is at most this long; a longer one was a jump. Browsers report every quarter of a second, but
 * a busy phone may fall silent for some seconds, and speed 2 doubles what passes in them. */
const STEP_SECONDS_MAX = 5;
/** What is lost of the watching, at most, when the phone is switched off. */
export const REPORT_SECONDS = 15;
const WORTH_SECONDS = 0.5;

/** The stretches with one more, those that touch joined into one. */
export function joined(stretches: readonly Stretch[], more: Stretch): Stretch[] {
  const all = [...stretches, more].sort((a, b) => a[0] - b[0]);
  const apart: Stretch[] = [];
  for (const [from, to] of all) {
    const last = apart[apart.length - 1];
    if (last && from <= last[1]) apart[apart.length - 1] = [last[0], Math.max(last[1], to)];
    else apart.push([from, to]);
  }
  return apart;
}

/** Follows the player's clock and reports each stretch that was played through. */
export class Watching {
  #from: number | undefined;
  #to = 0;

  constructor(private readonly report: (from: number, to: number) => void) {}

  /** Playing stands at `at`. */
  plays(at: number): void {
    const step = at - this.#to;
    if (this.#from === undefined || step < 0 || step > STEP_SECONDS_MAX) {
      this.stops();
      this.#from = at;
    }
    this.#to = at;
    if (at - this.#from >= REPORT_SECONDS) {
      this.stops();
      this.#from = at;
    }
  }

  /** Paused, jumped, left, or put in the pocket. */
  stops(): void {
    if (this.#from !== undefined && this.#to - this.#from >= WORTH_SECONDS) this.report(this.#from, this.#to);
    this.#from = undefined;
  }
}
