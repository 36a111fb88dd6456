/** A memory card of one or several files, read in place and never unpacked: objects of all files are one set, in any
 * order (docs/bundle-format.md, "The card"; the same rules as `offline_bundles/card`).
 *
 * The files are hostile until checked: all bounds are checked against a file's own size before anything is read by them.
 * Whether an object's bytes are right is for whoever uses them to say, by their digest. */

import type { Bytes } from '../../codec/index.ts';
import { MANIFEST_BYTES_MAX } from '../../content/manifests.ts';
import { count, digest, list, shape, text } from '../../content/shapes.ts';
import type { ReleaseRecord } from '../../content/store.ts';
import type { Endorsement } from '../rotation.ts';
import { BrokenCard, DIRECTORY_BYTES_MAX, END_BYTES, ENTRIES_MAX, INDEX_NAME, LOCAL_BYTES, NAME_BYTES_MAX, readCentral, readEnd, readLocal, type End, type Entry } from './layout.ts';

export { BrokenCard } from './layout.ts';

const FILES_MAX = 1_000;
const PARTS_MAX = 999;
const RELEASES_MAX = 2_000;
const KEYS_MAX = 64;
const TURN_ITEMS = 500; // some 10 ms of a phone that has a sixth of a laptop's speed
const WINDOW_BYTES = 64 << 10; // of a file cut short: many small headers in one reading

interface Index {
  readonly releases: readonly ReleaseRecord[];
  readonly keys: readonly Endorsement[];
  readonly part: number;
  readonly parts: number;
}

interface Part {
  readonly file: Blob;
  readonly index: Index;
  readonly objects: ReadonlyMap<string, Entry>;
  /** Its end is missing, and with it perhaps objects. */
  readonly isCut: boolean;
}

interface Place {
  readonly file: Blob;
  readonly entry: Entry;
}

/** Throws `BrokenCard`, and what a card that was pulled out throws. */
export async function openCard(files: readonly Blob[]): Promise<Card> {
  if (!files.length || files.length > FILES_MAX) throw new BrokenCard(`a card has from 1 to ${FILES_MAX} files`);
  const parts = await Promise.all(files.map(readPart));
  const places = new Map<string, Place>();
  for (const { file, objects } of parts) {
    for await (const [name, entry] of inTurns(objects)) if (!places.has(name)) places.set(name, { file, entry });
  }
  return new Card(parts, places);
}

export class Card {
  readonly #checked = new Set<string>();

  constructor(
    private readonly parts: readonly Part[],
    private readonly places: ReadonlyMap<string, Place>,
  ) {}

  /** Nothing in it is believed: the signature covers the root. */
  get releases(): ReleaseRecord[] {
    return this.parts.flatMap(({ index }) => index.releases);
  }

  get keys(): Endorsement[] {
    return this.parts.flatMap(({ index }) => index.keys);
  }

  /** Whether a file was cut short, and which of the files of how many are not here. */
  get isCut(): boolean {
    return this.parts.some(({ isCut }) => isCut);
  }

  get absentParts(): number[] {
    const absent = this.parts.map(({ index }) => Array.from({ length: index.parts }, (_, at) => at + 1));
    const here = new Set(this.numbers);
    return [...new Set(absent.flat())].filter((part) => !here.has(part));
  }

  /** Which of its files was picked first, second and so on. */
  get numbers(): number[] {
    return this.parts.map(({ index }) => index.part);
  }

  get digests(): string[] {
    return [...this.places.keys()].sort();
  }

  has(name: string): boolean {
    return this.places.has(name);
  }

  size(name: string): number {
    return this.#place(name).entry.size;
  }

  /** A stretch of an object, as far as the object reaches. */
  async read(name: string, offset: number, length: number): Promise<Bytes> {
    const { file, entry } = this.#place(name);
    if (offset && !this.#checked.has(name)) await this.read(name, 0, 0);
    const start = Math.min(entry.start + offset, entry.end), end = Math.min(start + length, entry.end);
    if (this.#checked.has(name)) return bytesAt(file, start, end);
    // The object's own header stands before it: one reading for both.
    const both = await bytesAt(file, entry.offset, end);
    this.#check(entry, both.subarray(0, entry.start - entry.offset));
    return both.slice(start - entry.offset);
  }

  #place(name: string) {
    const place = this.places.get(name);
    if (!place) throw new BrokenCard(`${name} is not on the card`);
    return place;
  }

  /** The directory's word against the object's own header, before its bytes are given. */
  #check(entry: Entry, header: Bytes): void {
    const local = readLocal(header, entry.offset);
    if (!local || JSON.stringify(local) !== JSON.stringify(entry)) throw new BrokenCard('an object is not where the directory says');
    this.#checked.add(entry.digest);
  }
}

const bytesAt = async (file: Blob, start: number, end: number): Promise<Bytes> => new Uint8Array(await file.slice(start, end).arrayBuffer());

/** Of a card with tens of thousands of objects some at a time, between which the screen is drawn. */
async function* inTurns<T>(items: Iterable<T>): AsyncGenerator<T> {
  let count = 0;
  for (const item of items) {
    yield item;
    if (++count % TURN_ITEMS === 0) await new Promise((drawn) => setTimeout(drawn));
  }
}

async function readPart(file: Blob): Promise<Part> {
  const end = readEnd(await bytesAt(file, Math.max(0, file.size - END_BYTES), file.size), file.size);
  const entries = end ? await fromEnd(file, end) : await fromStart(file);
  const [first, ...others] = entries;
  if (first?.name !== INDEX_NAME || first.size > MANIFEST_BYTES_MAX) throw new BrokenCard('no card, or cut off before its index');
  const index = readIndex(await bytesAt(file, first.start, first.end));
  return { file, index, objects: await objectsOf(others), isCut: !end };
}

async function fromEnd(file: Blob, { entries, size, offset }: End): Promise<Entry[]> {
  if (entries > ENTRIES_MAX || size > DIRECTORY_BYTES_MAX) throw new BrokenCard('a directory that is too large');
  const found: Entry[] = [];
  // One after the other, without gaps, up to the directory: so they neither overlap nor reach outside.
  let at = 0;
  for await (const entry of inTurns(readCentral(await bytesAt(file, offset, offset + size), entries))) {
    if (entry.offset !== at) throw new BrokenCard('a file does not stand where the one before it ends');
    at = entry.end;
    found.push(entry);
  }
  if (at !== offset) throw new BrokenCard('the files do not end where the directory begins');
  return found;
}

/** What is whole of a file that was cut short, or that something was added to. */
async function fromStart(file: Blob): Promise<Entry[]> {
  const found: Entry[] = [];
  let window: Bytes = new Uint8Array(0), from = 0;
  for (let at = 0; found.length < ENTRIES_MAX; ) {
    if (at - from + LOCAL_BYTES + NAME_BYTES_MAX > window.length) window = await bytesAt(file, (from = at), at + WINDOW_BYTES);
    const entry = readLocal(window.subarray(at - from, at - from + LOCAL_BYTES + NAME_BYTES_MAX), at);
    if (!entry || entry.end > file.size) break;
    found.push(entry);
    at = entry.end;
  }
  return found;
}

async function objectsOf(entries: readonly Entry[]): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  for await (const entry of inTurns(entries)) {
    if (!entry.digest || found.has(entry.digest)) throw new BrokenCard('a file stands on the card twice');
    found.set(entry.digest, entry);
  }
  return found;
}

const isIndex = shape({
  part: count,
  parts: count,
  releases: list(shape({ course: text, number: count, root: digest, root_bytes: count, signature: text, key: text })),
  keys: list(shape({ generation: count, public_key: text, by: text, signature: text })),
});

function readIndex(raw: Bytes): Index {
  const value = parsed(raw);
  const index = value as Index & { readonly format: string };
  const isOurs = isIndex(value) && index.format === 'tiffin-card-1' && index.releases.length <= RELEASES_MAX && index.keys.length <= KEYS_MAX
    && [index.part, index.parts].every((number) => number > 0 && number <= PARTS_MAX);
  if (!isOurs) throw new BrokenCard("the card's index cannot be read");
  return index;
}

function parsed(raw: Bytes): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch {
    return undefined;
  }
}
