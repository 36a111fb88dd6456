/** The phone's codec, held against the official package in random histories of several phones. */

import * as Automerge from '@automerge/automerge';
import { expect, test } from 'vitest';
import { decode, encode, toHex, type Document } from '../../src/codec/index.ts';
import { bodiesOf, chunk, history, inAnyOrder, random, spelt, type History } from './histories.ts';

const HISTORIES = 120; // for each test, of its own
let next = 0;

async function inEach(check: (made: History, seed: number) => Promise<void> | void): Promise<void> {
  for (const end = next + HISTORIES; next < end; next++) {
    const seed = next;
    await Promise.resolve(history(seed)).then((made) => check(made, seed)).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  }
}

const hexOf = (chunks: readonly Uint8Array[]): string[] => chunks.map(toHex).sort();

const viewOf = (document: Document) =>
  document.keys().map((key) => [key, document.survivors(key).map(({ op, value }) => [op, spelt(value)])]);

test('both encoders write the same bytes', async () => {
  let compared = 0;
  await inEach(({ twice }) => {
    for (const [ours, theirs] of twice) expect(ours).toBe(theirs);
    compared += twice.length;
  });
  expect(compared).toBeGreaterThan(3 * HISTORIES);
});

test('the official package gives our changes back byte for byte', () => inEach(async ({ phones }) => {
  for (const { ours, theirs } of phones) {
    expect(hexOf(Automerge.getAllChanges(theirs))).toEqual(hexOf(await Promise.all(ours.bodies.map(chunk))));
    for (const body of ours.bodies) expect(toHex(encode(decode(body)))).toBe(toHex(body));
  }
}));

test('the official package holds the same heads, and at each key as many values that nobody replaced', () => inEach(({ phones }) => {
  for (const { ours, theirs } of phones) {
    const [again] = Automerge.applyChanges(Automerge.init<Record<string, unknown>>(), Automerge.getAllChanges(theirs));
    expect(ours.heads).toEqual([...Automerge.getHeads(again)].sort());
    expect(ours.keys()).toEqual(Object.keys(again).sort());
    for (const key of ours.keys()) {
      const conflicts = Automerge.getConflicts(again, key) ?? { [idOf(ours, key)]: again[key] };
      expect(ours.survivors(key).map(({ op }) => `${op.counter}@${op.actor}`).sort(), key).toEqual(Object.keys(conflicts).sort());
    }
  }
}));

/** Where the package tells of no conflict it names no operation either. */
const idOf = (document: Document, key: string): string => {
  const { op } = document.survivors(key).at(-1)!;
  return `${op.counter}@${op.actor}`;
};

test('order and repetition change nothing', () => inEach(async (made, seed) => {
  const one = await inAnyOrder(bodiesOf(made), random(seed)), other = await inAnyOrder(bodiesOf(made), random(seed + 1));
  expect(viewOf(one)).toEqual(viewOf(other));
  expect(one.heads).toEqual(other.heads);
  expect(one.bodies.length).toBe(bodiesOf(made).length);
}));
