/** A reply of the network, read forward as it arrives: what came before a cut counts. */

import { join, type Bytes } from '../codec/index.ts';
import { Problem } from '../model.ts';

const SILENCE_MS_MAX = 60_000; // a phone that changes cells hears nothing for up to half a minute

const AHEAD_BYTES_MAX = 256 << 10; // in memory, of each of two replies

export interface Fetching {
  readonly signal: AbortSignal;
  /** Told of bytes that came over the network. */
  onBytes(count: number): void;
}

/** The server asks to wait this long, or it does not say how long. */
export class Busy extends Problem {
  constructor(readonly seconds: number) {
    super('busy');
  }
}

/** Throws `offline` when there is no answer or it ends too early, `busy` when the server asks to wait. */
export class Arriving {
  #chunks: Bytes[] = [];
  #size = 0;
  #told = 0;
  #reading: Promise<boolean> | undefined;

  private constructor(
    private readonly reply: Response,
    private readonly body: ReadableStreamDefaultReader<Bytes>,
    private readonly fetching: Fetching,
  ) {}

  /** Past the browser's cache: it would keep on the phone a second time what is kept here, and wrong bytes with it. */
  static async of(path: string, headers: HeadersInit, fetching: Fetching): Promise<Arriving> {
    const { signal } = fetching;
    // Behind what she looks at, and behind what she hands in.
    const gently = { priority: 'low', cache: 'no-store', credentials: 'omit' } as const;
    const reply = await unlessCut(fetch(path, { headers, signal, ...gently }), signal);
    if (!reply.ok || !reply.body) {
      void reply.body?.cancel();
      if (reply.status === 429 || reply.status >= 500) throw new Busy(Number(reply.headers.get('retry-after')) || 0);
      throw new Problem('unknown', `${reply.status} ${path}`);
    }
    return new Arriving(reply, reply.body.getReader(), fetching);
  }

  /** Whether the server sent the range that was asked for; a proxy may send the whole instead. */
  get isRange(): boolean {
    return this.reply.status === 206;
  }

  /** Whether all has been taken and the reply is over. */
  async isOver(): Promise<boolean> {
    return !this.#size && !(await this.#more());
  }

  async take(length: number): Promise<Bytes> {
    while (this.#size < length) if (!(await this.#more())) throw new Problem('offline', 'the reply ends too early');
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : join(this.#chunks);
    this.#chunks = [all.subarray(length)];
    this.#size -= length;
    return all.slice(0, length);
  }

  /** What came of the next bytes before a cut. */
  left(lengthMax: number): Bytes {
    return join(this.#chunks).slice(0, lengthMax);
  }

  /** Reads past what was not asked for. */
  async skip(length: number): Promise<void> {
    while (length > 0) {
      if (!this.#size && !(await this.#more())) return;
      const step = Math.min(length, this.#size);
      await this.take(step);
      length -= step;
    }
  }

  /** Everything up to the end. */
  async rest(bytesMax: number): Promise<Bytes> {
    while (await this.#more()) if (this.#size > bytesMax) throw new Problem('tampered', 'a reply that is too large');
    return this.take(this.#size);
  }

  async #more(): Promise<boolean> {
    this.fetching.signal.throwIfAborted();
    return (this.#reading ??= this.#readAhead());
  }

  /** One chunk, and at once the next behind it, while what came is written down: at a cut the browser throws away what
   * was not read yet. */
  async #readAhead(): Promise<boolean> {
    const { done, value } = await unlessCut(this.body.read(), this.fetching.signal);
    this.#reading = undefined;
    if (done) return false;
    this.#chunks.push(value);
    this.#size += value.length;
    this.#told += value.length;
    if (this.#size < AHEAD_BYTES_MAX) {
      this.#reading = this.#readAhead();
      this.#reading.catch(() => undefined); // told to who asks next
    }
    return true;
  }

  /** Ends the reply, wherever it is, and counts what it cost: compressed replies say so themselves. */
  close(): void {
    void this.body.cancel().catch(() => undefined);
    const { headers } = this.reply;
    const sent = headers.has('content-encoding') ? Number(headers.get('content-length')) : 0;
    if (this.#told) this.fetching.onBytes(sent || this.#told);
  }
}

/** Ends with the reply, at once when she pauses, and when nothing was heard for too long. */
async function unlessCut<T>(waiting: Promise<T>, signal: AbortSignal): Promise<T> {
  let cut!: (reason: unknown) => void;
  const isCut = new Promise<never>((_, reject) => (cut = reject));
  const timer = setTimeout(cut, SILENCE_MS_MAX, 'silence');
  signal.addEventListener('abort', cut);
  try {
    return await Promise.race([waiting, isCut]);
  } catch (error) {
    throw signal.aborted ? error : new Problem('offline', String(error));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cut);
  }
}
