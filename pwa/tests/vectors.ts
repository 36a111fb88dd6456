/** The vectors that the server runs too: tests/vectors, written by its Python. */

import { readFileSync } from 'node:fs';
import { fromHex } from '../src/codec/index.ts';

export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), 'utf8')) as T;
}

export type Plain = string | number | boolean | null | { hex: string } | { deleted: true };

export const isDeleted = (value: Plain): boolean => typeof value === 'object' && value !== null && 'deleted' in value;

export const scalar = (value: Plain): string | number | boolean | null | Uint8Array => {
  if (typeof value === 'object' && value !== null) return 'hex' in value ? fromHex(value.hex) : null;
  return value;
};
