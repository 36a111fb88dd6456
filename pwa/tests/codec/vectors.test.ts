import { expect, test } from 'vitest';
import { changeHash, CodecError, decode, DELETED, Document, encode, fromHex, toHex } from '../../src/codec/index.ts';
import { isDeleted, scalar, vectors, type Plain } from '../vectors.ts';

interface Written {
  body: string; hash: string; actor: string; seq: number; start_op: number; time: number; deps: string[];
  ops: { key: string; value: Plain; pred: [number, string][] }[];
}

interface Vectors {
  histories: {
    changes: Written[];
    heads: string[];
    survivors: Record<string, [number, string, Plain][]>;
  }[];
  malformed: { body: string; fault: string }[];
}

const { histories, malformed } = vectors<Vectors>('changes');
const changes = histories.flatMap((history) => history.changes);

test('every change reads as the server reads it', async () => {
  for (const { body, hash, actor, seq, start_op, time, deps, ops } of changes) {
    const change = decode(fromHex(body));
    expect(await changeHash(fromHex(body))).toBe(hash);
    expect({ ...change, ops: undefined }).toMatchObject({ actor, seq, startOp: start_op, time, deps: [...deps] });
    expect(change.ops).toEqual(ops.map(({ key, value, pred }) => ({
      key, value: isDeleted(value) ? DELETED : scalar(value), pred: pred.map(([counter, by]) => ({ counter, actor: by })),
    })));
  }
});

test('every change is written to the same bytes', () => {
  for (const { body } of changes) expect(toHex(encode(decode(fromHex(body))))).toBe(body);
});

test('a phone that does the same on top of the same writes the same bytes', async () => {
  for (const history of histories) {
    const held = new Map(history.changes.map((change) => [change.hash, change]));
    for (const { body, actor, time, deps, ops } of history.changes) {
      const phone = await Document.load(actor, before(deps, held).map((each) => fromHex(each.body)));
      for (const { key, value } of ops) isDeleted(value) ? phone.delete(key) : phone.put(key, scalar(value));
      expect(toHex((await phone.commit(time))!)).toBe(body);
    }
  }
});

/** All that a change builds on, each after what it builds on itself: as they stand in the history. */
function before(deps: readonly string[], held: ReadonlyMap<string, Written>): Written[] {
  const names = new Set<string>();
  const add = (name: string): void => void (names.has(name) || (names.add(name), held.get(name)!.deps.forEach(add)));
  deps.forEach(add);
  return [...held.values()].filter(({ hash }) => names.has(hash));
}

test('a replica holds the survivors that the server holds', async () => {
  for (const history of histories) {
    const document = await Document.load('00'.repeat(16), history.changes.map(({ body }) => fromHex(body)));
    expect(document.heads).toEqual(history.heads);
    expect(document.keys()).toEqual(Object.keys(history.survivors).sort());
    for (const [key, survivors] of Object.entries(history.survivors)) {
      expect(document.survivors(key)).toEqual(survivors.map(([counter, actor, value]) => ({ op: { counter, actor }, value: scalar(value) })));
    }
  }
});

test('what the server refuses is refused here, and nothing but a CodecError is thrown', () => {
  expect(malformed.length).toBeGreaterThan(200);
  for (const { body } of malformed) expect(() => decode(fromHex(body)), body).toThrow(CodecError);
});
