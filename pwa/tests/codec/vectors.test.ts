import { expect, test } from 'vitest';
import { changeHash, CodecError, decode, DELETED, Document, encode, fromHex, toHex } from '../../src/codec/index.ts';
import { isDeleted, scalar, vectors, type Plain } from '../vectors.ts';

interface Vectors {
  histories: {
    changes: {
      body: string; hash: string; actor: string; seq: number; start_op: number; time: number; deps: string[];
      ops: { key: string; value: Plain; pred: [number, string][] }[];
    }[];
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
