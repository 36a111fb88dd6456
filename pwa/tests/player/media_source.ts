/** As much of Media Source Extensions as the player leans on, for Node, which has none: buffers that take ten-second
 * segments by their first byte, events that come later, and room for so many bytes. */

const SEGMENT_SECONDS = 10;
const INIT = 255;

export const element = (): HTMLVideoElement & { currentTime: number } =>
  Object.assign(new EventTarget(), { currentTime: 0, src: '', removeAttribute: () => undefined, load: () => undefined }) as never;

/** The segment of a number; `INIT` at its head. */
export const segment = (at: number, length = 100): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(at);
export const init = (): Uint8Array<ArrayBuffer> => segment(INIT, 10);

export class Buffer extends EventTarget {
  readonly appended: number[] = [];
  readonly held = new Map<number, number>();
  updating = false;

  constructor(readonly source: Source, readonly type: string) {
    super();
  }

  get buffered() {
    const held = [...this.held.keys()].sort((a, b) => a - b);
    return { length: held.length, start: (at: number) => held[at]! * SEGMENT_SECONDS, end: (at: number) => (held[at]! + 1) * SEGMENT_SECONDS };
  }

  appendBuffer(bytes: Uint8Array): void {
    if (this.updating) throw new DOMException('updating', 'InvalidStateError');
    const size = [...this.held.values()].reduce((sum, one) => sum + one, 0);
    if (size + bytes.length > this.source.bytesMax) throw new DOMException('no room', 'QuotaExceededError');
    this.source.readyState = 'open';
    const at = bytes[0]!;
    this.appended.push(at);
    this.#later(() => at !== INIT && this.held.set(at, bytes.length));
  }

  remove(from: number, to: number): void {
    if (this.updating) throw new DOMException('updating', 'InvalidStateError');
    this.#later(() => {
      for (const at of this.held.keys()) if (at * SEGMENT_SECONDS >= from && (at + 1) * SEGMENT_SECONDS <= to) this.held.delete(at);
    });
  }

  #later(change: () => void): void {
    this.updating = true;
    setImmediate(() => {
      change();
      this.updating = false;
      this.dispatchEvent(new Event('updateend'));
    });
  }
}

export class Source extends EventTarget {
  static readonly made: Source[] = [];
  static isTypeSupported = (type: string): boolean => !type.includes('av01');
  readonly buffers: Buffer[] = [];
  readyState = 'closed';
  bytesMax = Infinity;
  duration = 0;

  constructor() {
    super();
    Source.made.push(this);
    setImmediate(() => {
      this.readyState = 'open';
      this.dispatchEvent(new Event('sourceopen'));
    });
  }

  addSourceBuffer(type: string): Buffer {
    const buffer = new Buffer(this, type);
    this.buffers.push(buffer);
    return buffer;
  }

  endOfStream(): void {
    if (this.readyState !== 'open' || this.buffers.some(({ updating }) => updating)) throw new DOMException('not now', 'InvalidStateError');
    this.readyState = 'ended';
  }
}
