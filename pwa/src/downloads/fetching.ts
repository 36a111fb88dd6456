/** Fetches objects, pieces and updates; nothing is kept that is not what its name says.
 *
 * Neighbouring pieces come by one range, and each is kept as soon as it is whole. What has come of one that is not is
 * kept too, part by part and at a cut up to the byte, so that the next request begins where the line was dropped. A
 * phone that is switched off loses a part at most. */

import { join, type Bytes } from '../codec/index.ts';
import { digestOf } from '../content/digest.ts';
import { dropParts, keepObjects, keepPart, lengthOf, readParts } from '../content/keeping.ts';
import { MANIFEST_BYTES_MAX } from '../content/manifests.ts';
import { SMALL_BYTES_MAX, type Piece } from '../content/release.ts';
import type { ContentStore } from '../content/store.ts';
import { Problem } from '../model.ts';
import { Arriving, type Fetching } from './arriving.ts';
import type { Placed } from './placing.ts';

const RUN_BYTES_MAX = 1 << 20; // a request's own 700 bytes are a thousandth of it; at 2G it still ends within minutes
const PART_BYTES = 32 << 10; // five seconds of 2G: what a phone that is switched off fetches again
const UPDATE_BYTES_MAX = 64 << 20;
const KEPT_AT_ONCE_BYTES = 256 << 10; // what an update may hold in memory
const LENGTH_BYTES_MAX = 3; // of LEB128: enough for SMALL_BYTES_MAX

/** Bytes that are not what their name says. */
export class WrongBytes extends Error {
  constructor(readonly digest: string) {
    super(digest);
  }
}

/** Neighbouring pieces at one address, gathered so that one request fetches them. One of which parts are here already
 * (`begun`) is the first of its run, since a run begins behind these. */
export function runsOf(pieces: readonly Placed[], begun: ReadonlySet<string>, bytesMax = RUN_BYTES_MAX): Placed[][] {
  const runs: Placed[][] = [];
  let run: Placed[] = [], size = 0;
  for (const piece of pieces) {
    const last = run.at(-1);
    const follows = last?.address === piece.address && last.start + last.length === piece.start;
    if (!follows || size + piece.length > bytesMax || begun.has(piece.digest)) {
      runs.push(run = []);
      size = 0;
    }
    run.push(piece);
    size += piece.length;
  }
  return runs;
}

/** Fetches a run and keeps each of its pieces. Throws `WrongBytes`, and what `Arriving` throws. */
export async function fetchRun(store: ContentStore, run: readonly Placed[], fetching: Fetching, onPiece: (bytes: number) => void): Promise<void> {
  const first = run[0]!, last = run.at(-1)!;
  const parts = await readParts(store, first.digest);
  const start = first.start + lengthOf(parts);
  const range = { Range: `bytes=${start}-${last.start + last.length - 1}` };
  const arriving = await Arriving.of(first.address, range, fetching);
  try {
    if (!arriving.isRange) await arriving.skip(start);
    for (const piece of run) {
      const bytes = await takePiece(store, piece, piece === first ? parts : [], arriving);
      fetching.signal.throwIfAborted();
      await keepObjects(store, new Map([[piece.digest, bytes]]));
      onPiece(piece.length);
    }
  } finally {
    arriving.close();
  }
}

async function takePiece(store: ContentStore, { digest, length }: Piece, parts: readonly Bytes[], arriving: Arriving): Promise<Bytes> {
  const found = [...parts];
  let at = lengthOf(found);
  const keep = async (part: Bytes) => {
    if (part.length) await keepPart(store, digest, at, part);
    found.push(part);
    at += part.length;
  };
  try {
    while (length - at > PART_BYTES) await keep(await arriving.take(PART_BYTES));
    found.push(await arriving.take(length - at));
  } catch (error) {
    await keep(arriving.left(length - at));
    throw error;
  }
  const bytes = join(found);
  if (await digestOf(bytes) === digest) return bytes;
  await dropParts(store, digest);
  throw new WrongBytes(digest);
}

/** One object of unknown length, checked and not kept. */
export async function fetchWhole(digest: string, bytesMax: number, fetching: Fetching): Promise<Bytes> {
  const arriving = await Arriving.of(`/v1/objects/${digest}`, {}, fetching);
  try {
    const bytes = await arriving.rest(bytesMax);
    if (await digestOf(bytes) !== digest) throw new WrongBytes(digest);
    return bytes;
  } finally {
    arriving.close();
  }
}

/** What is not kept on this phone, read online. Throws `tampered`, or `not_on_phone`. */
export const readOnline = (digest: string, fetching: Fetching): Promise<Bytes> =>
  fetchWhole(digest, MANIFEST_BYTES_MAX, fetching).catch((error: unknown) => {
    throw new Problem(error instanceof WrongBytes ? 'tampered' : 'not_on_phone', digest);
  });

export interface Update {
  readonly root: string;
  readonly since: string;
  readonly after: number;
}

/** The texts of a release that another lacks, kept one by one as they come: what arrived before a cut stays. Each is
 * kept under the name that its bytes have; what was changed on the way has one that nothing asks for. The first `after`
 * are left out, having come before a cut; `onText` is told of each that came whole. */
export async function fetchUpdate(store: ContentStore, { root, since, after }: Update, fetching: Fetching, onText: () => void): Promise<void> {
  const asked = new URLSearchParams({ ...(since ? { since } : {}), ...(after ? { after: String(after) } : {}) }).toString();
  const arriving = await Arriving.of(`/v1/releases/${root}/update${asked && `?${asked}`}`, {}, fetching);
  let found = new Map<string, Bytes>();
  let held = 0;
  const keep = async () => {
    await keepObjects(store, found);
    found = new Map();
    held = 0;
  };
  try {
    for (let total = 0; !(await arriving.isOver());) {
      const bytes = await arriving.take(await takeLength(arriving));
      found.set(await digestOf(bytes), bytes);
      onText();
      held += bytes.length;
      if ((total += bytes.length) > UPDATE_BYTES_MAX) throw new Problem('tampered', 'an update that is too large');
      if (held > KEPT_AT_ONCE_BYTES) await keep();
    }
  } finally {
    arriving.close();
    await keep();
  }
}

/** Unsigned LEB128 (docs/bundle-format.md, "On the wire"). */
async function takeLength(arriving: Arriving): Promise<number> {
  let length = 0;
  for (let place = 0, last = 128; last > 127 && place < LENGTH_BYTES_MAX; place++) {
    last = (await arriving.take(1))[0]!;
    length += (last & 127) << 7 * place;
  }
  if (length >= SMALL_BYTES_MAX) throw new Problem('tampered', 'no update');
  return length;
}
