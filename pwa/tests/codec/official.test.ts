/** The phone's codec, held against the official package in random concurrent histories. */

import * as Automerge from '@automerge/automerge';
import { expect, test } from 'vitest';
import { Document, join, toHex, uleb, type Scalar } from '../../src/codec/index.ts';
import { sha256 } from '../../src/wire/index.ts';

const KEYS = ['s/a', 'p/a', 'n/a/1', 'n/ماء/1', 'q/x/1'];
const VALUES: Scalar[] = [null, true, false, 0, -1, 64, 2 ** 31, -(2 ** 40), 0.5, '', 'Boil it', 'ماء', new Uint8Array([0, 255])];
const MAGIC = [0x85, 0x6f, 0x4a, 0x83];

/** A small generator, so that a failing history can be played again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function chunk(body: Uint8Array): Promise<Uint8Array> {
  const content = join([[1], uleb(body.length), body]);
  return join([MAGIC, (await sha256(content)).subarray(0, 4), content]);
}

async function history(seed: number): Promise<{ replicas: Document[]; bodies: Uint8Array[] }> {
  const below = random(seed);
  const replicas = Array.from({ length: 3 }, (_, at) => new Document(toHex(new Uint8Array(16).fill(seed + at + 1))));
  const bodies: Uint8Array[] = [];
  for (let step = 0; step < 15; step++) {
    const replica = replicas[below(3)]!;
    for (let put = 0; put <= below(3); put++) {
      const key = KEYS[below(KEYS.length)]!;
      if (below(5)) replica.put(key, VALUES[below(VALUES.length)]!);
      else replica.delete(key);
    }
    const body = await replica.commit(1_790_000_000 + step);
    if (body) bodies.push(body);
    if (below(3) === 0) for (const each of replica.bodies) await replicas[below(3)]!.apply(each).catch(() => undefined);
  }
  return { replicas, bodies };
}

test.each(Array.from({ length: 12 }, (_, seed) => seed * 10))('history %i reads as the official package reads it', async (seed) => {
  const { bodies } = await history(seed);
  const whole = await Document.load('ff'.repeat(16), bodies);
  const chunks = await Promise.all(bodies.map(chunk));
  const [official] = Automerge.applyChanges(Automerge.init<Record<string, unknown>>(), chunks);

  expect(whole.heads).toEqual([...Automerge.getHeads(official)].sort());
  expect(whole.keys()).toEqual(Object.keys(official).sort());
  for (const key of whole.keys()) {
    const conflicts = Automerge.getConflicts(official, key) ?? { only: official[key] };
    expect(whole.survivors(key).length, key).toBe(Object.keys(conflicts).length);
    const winner = whole.survivors(key).at(-1)!.value;
    const theirs = official[key];
    if (winner instanceof Uint8Array) expect([...winner]).toEqual([...(theirs as Uint8Array)]);
    else expect(winner).toEqual(typeof winner === 'string' ? String(theirs) : theirs);
  }
});

test('the official package gives our changes back byte for byte', async () => {
  const { bodies } = await history(7);
  const chunks = await Promise.all(bodies.map(chunk));
  const [official] = Automerge.applyChanges(Automerge.init<Record<string, unknown>>(), chunks);
  const theirs = Automerge.getAllChanges(official).map((raw) => toHex(raw)).sort();
  expect(theirs).toEqual(chunks.map(toHex).sort());
});
