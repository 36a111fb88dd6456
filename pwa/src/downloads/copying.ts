/** Copies pieces from a card, as many in one reading and one writing as fit into a little memory: each reading and each
 * writing is work for the thread that draws the screen, hashing is not. */

import type { Bytes } from '../codec/index.ts';
import { digestOf } from '../content/digest.ts';
import { keepObjects } from '../content/keeping.ts';
import { bytesOf, type Piece } from '../content/release.ts';
import type { ContentStore } from '../content/store.ts';
import { runsOf } from './fetching.ts';

const AT_ONCE_BYTES = 256 << 10; // a phone's memory and a redrawn line of progress; some ten segments

/** Objects that nobody vouches for, such as a card's. */
export interface Source {
  has(object: string): boolean;
  read(object: string, offset: number, length: number): Promise<Bytes>;
}

/** Keeps what is whole there, and says whether that is all; `onStored` is told of bytes that were kept. */
export async function copy(store: ContentStore, source: Source, pieces: readonly Piece[], signal: AbortSignal, onStored: (bytes: number) => void): Promise<boolean> {
  const copying = new Copying(store, onStored);
  const placed = pieces.map((piece) => ({ ...piece, address: piece.object, start: piece.offset }));
  let isAll = true;
  for (const run of runsOf(placed, new Set(), AT_ONCE_BYTES)) {
    signal.throwIfAborted();
    for (const [piece, bytes] of await read(source, run)) {
      if (bytes && (await digestOf(bytes)) === piece.digest) await copying.keep(piece, bytes);
      else isAll = false;
    }
  }
  await copying.write();
  return isAll;
}

/** What stands on the card where these neighbours should be. */
async function read(source: Source, run: readonly Piece[]): Promise<[Piece, Bytes | undefined][]> {
  const [{ object, offset }] = run as [Piece];
  if (!source.has(object)) return run.map((piece) => [piece, undefined]);
  const all = await source.read(object, offset, bytesOf(run));
  return run.map((piece) => [piece, run.length > 1 ? all.slice(piece.offset - offset, piece.offset - offset + piece.length) : all]);
}

class Copying {
  #found = new Map<string, Bytes>();
  #bytes = 0;

  constructor(
    private readonly store: ContentStore,
    private readonly onStored: (bytes: number) => void,
  ) {}

  async keep({ digest }: Piece, bytes: Bytes): Promise<void> {
    this.#found.set(digest, bytes);
    if ((this.#bytes += bytes.length) >= AT_ONCE_BYTES) await this.write();
  }

  async write(): Promise<void> {
    await keepObjects(this.store, this.#found);
    this.onStored(this.#bytes);
    this.#found = new Map();
    this.#bytes = 0;
  }
}
