/** Fetches pieces of objects, several neighbours by one range, and checks each before it counts. */

import { Problem } from '../model.ts';
import { Reader, toHex, type Bytes } from '../codec/index.ts';
import { sha256 } from '../wire/index.ts';
import type { Piece } from '../content/release.ts';

const RUN_BYTES_MAX = 128 << 10; // 20 s of 2G: what one request may lose when the signal goes
const PACK_BYTES_MAX = 64 << 20;
const SMALL_BYTES_MAX = 64 << 10;
const DIGEST_BYTES = 32;

export interface Fetching {
  readonly signal: AbortSignal;
  /** Told of every byte that came over the network. */
  onBytes(count: number): void;
}

/** Neighbouring pieces of one object that are missing, gathered so that one request fetches them. */
export function runsOf(pieces: readonly Piece[]): Piece[][] {
  const runs: Piece[][] = [];
  for (const piece of pieces) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const follows = last && last.object === piece.object && last.offset + last.length === piece.offset;
    const size = run?.reduce((sum, { length }) => sum + length, 0) ?? 0;
    if (follows && size + piece.length <= RUN_BYTES_MAX) run!.push(piece);
    else runs.push([piece]);
  }
  return runs;
}

/** The bytes of a run of pieces, each as it was signed; wrong ones are asked for once more, past every cache. */
export async function fetchRun(run: readonly Piece[], fetching: Fetching): Promise<Map<string, Bytes>> {
  const first = await fetchOnce(run, fetching, 'default');
  return first ?? (await fetchOnce(run, fetching, 'reload')) ?? tampered(run[0]!.object);
}

function tampered(what: string): never {
  throw new Problem('tampered', what);
}

async function fetchOnce(run: readonly Piece[], fetching: Fetching, cache: RequestCache): Promise<Map<string, Bytes> | undefined> {
  const start = run[0]!, last = run.at(-1)!;
  const isWhole = run.length === 1 && start.digest === start.object;
  const headers: HeadersInit = isWhole ? {} : { Range: `bytes=${start.offset}-${last.offset + last.length - 1}` };
  const raw = await get(`/v1/objects/${start.object}`, { headers, cache }, fetching);
  const found = new Map<string, Bytes>();
  for (const { digest, offset, length } of run) {
    const bytes = isWhole ? raw : raw.slice(offset - start.offset, offset - start.offset + length);
    if (await digestOf(bytes) !== digest) return undefined;
    found.set(digest, bytes);
  }
  return found;
}

export const digestOf = async (bytes: Uint8Array): Promise<string> => toHex(await sha256(bytes));

/** The texts of a release that another lacks, checked one by one. */
export async function fetchPack(root: string, since: string, fetching: Fetching): Promise<Map<string, Bytes>> {
  const raw = await get(`/v1/releases/${root}/pack${since && `?since=${since}`}`, {}, fetching);
  if (raw.length > PACK_BYTES_MAX) tampered('a pack that is too large');
  const reader = new Reader(raw);
  const found = new Map<string, Bytes>();
  while (reader.left) {
    const digest = toHex(reader.take(DIGEST_BYTES)), length = reader.uleb();
    if (length > SMALL_BYTES_MAX) tampered('an object of a pack that is not small');
    const bytes = reader.take(length).slice();
    if (await digestOf(bytes) !== digest) tampered(digest);
    found.set(digest, bytes);
  }
  return found;
}

async function get(url: string, options: RequestInit, { signal, onBytes }: Fetching): Promise<Bytes> {
  const reply = await fetch(url, { ...options, signal, credentials: 'omit' }).catch((error: unknown) => {
    throw signal.aborted ? error : new Problem('offline');
  });
  if (!reply.ok) throw new Problem(reply.status === 429 || reply.status >= 500 ? 'busy' : 'not_on_phone', `${reply.status} ${url}`);
  const bytes = await reply.arrayBuffer().catch((error: unknown) => {
    throw signal.aborted ? error : new Problem('offline');
  });
  onBytes(Number(reply.headers.get('content-length')) || bytes.byteLength);
  return new Uint8Array(bytes);
}
