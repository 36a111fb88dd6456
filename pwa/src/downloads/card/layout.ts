/** The three structures of a card's ZIP (docs/bundle-format.md, "The card"; PKWARE APPNOTE 6.3.10): the same rules as
 * `offline_bundles/card/layout.py`. Whatever has another form was not written by us. */

import type { Bytes } from '../../codec/index.ts';

export const INDEX_NAME = 'card.json';
export const END_BYTES = 22;
export const LOCAL_BYTES = 30;
export const NAME_BYTES_MAX = 75; // of objects/ab/ and 64 digits
export const ENTRIES_MAX = 0xffff - 1; // 65,535 would announce ZIP64
const CENTRAL_BYTES = 46;
export const DIRECTORY_BYTES_MAX = ENTRIES_MAX * (CENTRAL_BYTES + NAME_BYTES_MAX);

const LOCAL_SIGNATURE = 0x04034b50, CENTRAL_SIGNATURE = 0x02014b50, END_SIGNATURE = 0x06054b50;
const VERSION = 10, DATE = 33;
const OBJECT_NAME = /^objects\/([0-9a-f]{2})\/(\1[0-9a-f]{62})$/;

/** A file that is no card, or that lies. */
export class BrokenCard extends Error {}

/** One file on the card. `offset` is that of its local header, `start` and `end` those of its bytes. */
export interface Entry {
  readonly name: string;
  /** Of an object; empty for the index. */
  readonly digest: string;
  readonly size: number;
  readonly crc: number;
  readonly offset: number;
  readonly start: number;
  readonly end: number;
}

export interface End {
  readonly entries: number;
  readonly size: number;
  readonly offset: number;
}

const view = (raw: Bytes) => new DataView(raw.buffer, raw.byteOffset, raw.byteLength);

/** Where the directory stands, from the last bytes of a whole file; undefined for other bytes, as of one cut short. It
 * must reach exactly to the end, so that the end of a ZIP inside an object is not taken for the card's. */
export function readEnd(tail: Bytes, fileBytes: number): End | undefined {
  if (tail.length !== END_BYTES) return undefined;
  const at = view(tail);
  const [disk, firstDisk, here, entries, comment] = [4, 6, 8, 10, 20].map((place) => at.getUint16(place, true));
  const size = at.getUint32(12, true), offset = at.getUint32(16, true);
  const isOurs = at.getUint32(0, true) === END_SIGNATURE && !disk && !firstDisk && !comment && here === entries;
  return isOurs && offset + size + END_BYTES === fileBytes ? { entries: entries!, size, offset } : undefined;
}

/** Throws `BrokenCard` for whatever has another form than ours. */
export function* readCentral(raw: Bytes, entries: number): Generator<Entry> {
  let at = 0;
  for (let each = 0; each < entries; each++) {
    if (at + CENTRAL_BYTES > raw.length) throw new BrokenCard('the directory is shorter than it says');
    const head = view(raw.subarray(at, at + CENTRAL_BYTES));
    const sixteen = (place: number) => head.getUint16(place, true);
    const length = sixteen(28);
    const name = nameOf(raw.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + length));
    const isOurs = head.getUint32(0, true) === CENTRAL_SIGNATURE && sixteen(4) === VERSION && name.length === length
      && [30, 32, 34, 36].every((place) => !sixteen(place)) && !head.getUint32(38, true);
    if (!isOurs) throw repacked(name);
    yield entryOf(head, 6, name, head.getUint32(42, true));
    at += CENTRAL_BYTES + length;
  }
  if (at !== raw.length) throw new BrokenCard('the directory is longer than it says');
}

/** A local header with its name; undefined where these are other bytes. Throws `BrokenCard` for another form of it. */
export function readLocal(raw: Bytes, offset: number): Entry | undefined {
  if (raw.length < LOCAL_BYTES) return undefined;
  const head = view(raw.subarray(0, LOCAL_BYTES));
  const length = head.getUint16(26, true);
  if (head.getUint32(0, true) !== LOCAL_SIGNATURE || raw.length < LOCAL_BYTES + length) return undefined;
  const name = nameOf(raw.subarray(LOCAL_BYTES, LOCAL_BYTES + length));
  if (head.getUint16(28, true)) throw repacked(name);
  return entryOf(head, 4, name, offset);
}

/** What both kinds of header say alike, from `at` on: version, flags, method, time, date, checksum, sizes. */
function entryOf(head: DataView, at: number, name: string, offset: number): Entry {
  const [version, flags, method, time, date] = [0, 2, 4, 6, 8].map((place) => head.getUint16(at + place, true));
  const [crc, packed, size] = [10, 14, 18].map((place) => head.getUint32(at + place, true)) as [number, number, number];
  if (version !== VERSION || flags || method || time || date !== DATE || packed !== size) throw repacked(name);
  const start = offset + LOCAL_BYTES + name.length;
  return { name, digest: OBJECT_NAME.exec(name)?.[2] ?? '', size, crc, offset, start, end: start + size };
}

const repacked = (name: string) => new BrokenCard(`${name} is not stored as a card stores it`);

/** Names are never used as paths; but whatever carries others was not written by us. */
function nameOf(raw: Bytes): string {
  const name = String.fromCharCode(...raw.subarray(0, NAME_BYTES_MAX + 1));
  if (name !== INDEX_NAME && !OBJECT_NAME.test(name)) throw new BrokenCard('a file that is no object');
  return name;
}
