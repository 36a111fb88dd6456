/** LEB128 integers, signed and unsigned, in their shortest form only; and reading forward through bytes.
 *
 * Numbers are exact to 2^53. Up to 2^64 they are read near enough to be found too large; who needs one exactly keeps
 * its bytes. Bit operations end at 32 bits, so this is arithmetic.
 * Source: Automerge binary format, "LEB128 encoded integers". */

import { CodecError } from './errors.ts';

const INTEGER_BYTES_MAX = 10; // 64 bits of seven

export type Bytes = Uint8Array<ArrayBuffer>;

/** Reads forward through bytes that it never copies; `at` is the next place to read. */
export class Reader {
  constructor(readonly source: Uint8Array, public at = 0, readonly end = source.length) {}

  get left(): number {
    return this.end - this.at;
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new CodecError('Truncated', `at ${this.at}`);
    this.at += length;
    return this.source.subarray(this.at - length, this.at);
  }

  uleb(): number {
    const [last, , size] = this.#span();
    if (size > 1 && !last || size === INTEGER_BYTES_MAX && last > 1) this.#refuse();
    return this.#sum(last, size);
  }

  sleb(): number {
    const [last, before, size] = this.#span();
    const sign = before & 0x40 ? 0x7f : 0;
    if (size > 1 && last === sign || size === INTEGER_BYTES_MAX && last && last !== 0x7f) this.#refuse();
    return this.#sum(last & 0x40 ? last - 128 : last, size);
  }

  /** Steps over one integer: its last byte, the byte before that, and how many there are. */
  #span(): [last: number, before: number, size: number] {
    const start = this.at;
    let last = 0;
    let before: number;
    do {
      if (this.at - start === INTEGER_BYTES_MAX) this.#refuse();
      before = last;
      last = this.take(1)[0]!;
    } while (last > 127);
    return [last, before, this.at - start];
  }

  /** From the highest digit down, so that nothing on the way is larger than the result. */
  #sum(result: number, size: number): number {
    for (let back = 2; back <= size; back++) result = result * 128 + (this.source[this.at - back]! - 128);
    return result;
  }

  #refuse(): never {
    throw new CodecError('Malformed', `an integer before ${this.at}`);
  }
}

export function uleb(value: number): number[] {
  const out = [];
  for (; value > 127; value = Math.floor(value / 128)) out.push(value % 128 + 128);
  return [...out, value];
}

export function sleb(value: number): number[] {
  const out = [];
  for (; value < -64 || value > 63; value = Math.floor(value / 128)) out.push((value % 128 + 128) % 128 + 128);
  return [...out, value & 127];
}

export function join(parts: readonly ArrayLike<number>[]): Bytes {
  const out = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const sized = (raw: Uint8Array): Bytes => join([uleb(raw.length), raw]);

export const toHex = (raw: Uint8Array): string =>
  Array.from(raw, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Bytes of an even run of hexadecimal digits. */
export const fromHex = (hex: string): Bytes =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
