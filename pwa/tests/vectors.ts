/** The vectors that the server runs too: tests/vectors, written by its Python. */

import { readFileSync } from 'node:fs';
import { fromHex, type Scalar } from '../src/codec/index.ts';

export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), 'utf8')) as T;
}

export type Plain = string | number | boolean | null | { deleted: true } | { type?: number; hex: string } | { number: string };

export const isDeleted = (value: Plain): boolean => typeof value === 'object' && value !== null && 'deleted' in value;

export const scalar = (value: Plain): Scalar => {
  if (typeof value !== 'object' || value === null) return value;
  if ('number' in value) return Number(value.number);
  if (!('hex' in value)) return null;
  return value.type === undefined ? fromHex(value.hex) : { type: value.type, raw: fromHex(value.hex) };
};
