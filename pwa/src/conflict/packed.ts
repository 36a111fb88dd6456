/** Numbers packed into a value's bytes: unsigned LEB128 of at most 53 bits. The same as `conflict/packed.py`. */

import { CodecError, Reader, uleb } from '../codec/index.ts';

export class MalformedValue extends Error {}

const NUMBER_BYTES_MAX = 8;

export const writeNumber = uleb;

export function readNumber(reader: Reader): number {
  const start = reader.at;
  try {
    const value = reader.uleb();
    if (Number.isSafeInteger(value) && reader.at - start <= NUMBER_BYTES_MAX) return value;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
  }
  throw new MalformedValue('a number is cut, too long, or above 2^53');
}
