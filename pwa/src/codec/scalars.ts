/** The values that a document may hold, and their bytes.
 *
 * A number is Automerge's signed integer where it is a safe integer, and its float otherwise. Whatever JavaScript
 * would write differently than it was read (larger integers, unsigned ones, times, the float 1.0) stays `Kept`.
 * Source: Automerge binary format, "Value metadata". */

import { CodecError } from './errors.ts';
import { Reader, sleb } from './leb.ts';

const NULL = 0, FALSE = 1, TRUE = 2, UINT = 3, INT = 4, F64 = 5, STR = 6, BYTES = 7, TIMESTAMP = 9;

const TIME_MIN = -62_135_510_400_000, TIME_MAX = 253_402_214_399_999; // milliseconds; those of `sync/codec/scalars.py`

/** A value as it was read: Automerge's type code and the raw bytes. */
export interface Kept {
  readonly type: number;
  readonly raw: Uint8Array;
}

export type Scalar = string | number | boolean | null | Uint8Array | Kept;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

export function text(raw: Uint8Array): string {
  if (raw.includes(0)) throw new CodecError('OutsideModel', 'NUL in a text');
  try {
    return decoder.decode(raw);
  } catch {
    throw new CodecError('Malformed', 'not UTF-8');
  }
}

/** A value's type code and its raw bytes. */
export function writeScalar(value: Scalar): [type: number, raw: ArrayLike<number>] {
  if (value === null) return [NULL, []];
  if (typeof value === 'boolean') return [value ? TRUE : FALSE, []];
  if (typeof value === 'string') return [STR, utf8(value)];
  if (typeof value === 'number') return Number.isSafeInteger(value) ? [INT, sleb(value)] : [F64, float(value)];
  return value instanceof Uint8Array ? [BYTES, value] : [value.type, value.raw];
}

function float(value: number): Uint8Array {
  const raw = new DataView(new ArrayBuffer(8));
  raw.setFloat64(0, value, true);
  return new Uint8Array(raw.buffer);
}

export function readScalar(type: number, raw: Uint8Array): Scalar {
  if (type === STR) return text(raw);
  if (type === BYTES) return raw;
  if (type > TIMESTAMP || type === 8) throw new CodecError('OutsideModel', `a value of type ${type}`);
  const value = type <= TRUE ? plain(type) : type === F64 ? readFloat(raw) : readInteger(type, raw);
  if (type <= TRUE && raw.length) throw new CodecError('Malformed', 'a null or a truth value with bytes');
  return value ?? (type ? { type, raw } : null);
}

const plain = (type: number): boolean | null => type === NULL ? null : type === TRUE;

/** The number, or undefined where it would be written as something else. */
function readFloat(raw: Uint8Array): number | undefined {
  if (raw.length !== 8) throw new CodecError('Malformed', `a float of ${raw.length} bytes`);
  const value = new DataView(raw.buffer, raw.byteOffset).getFloat64(0, true);
  return Number.isSafeInteger(value) || Number.isNaN(value) ? undefined : value;
}

function readInteger(type: number, raw: Uint8Array): number | undefined {
  const reader = new Reader(raw);
  const value = type === UINT ? reader.uleb() : reader.sleb();
  if (reader.left) throw new CodecError('Malformed', 'an integer with bytes behind it');
  if (type === TIMESTAMP && !(value >= TIME_MIN && value <= TIME_MAX)) throw new CodecError('OutsideModel', 'a time outside the years 1 to 9999');
  return type === INT && Number.isSafeInteger(value) ? value : undefined;
}
