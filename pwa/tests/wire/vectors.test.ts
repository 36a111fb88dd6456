import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/codec/index.ts';
import { EVENTS, joinStatement, LATER, MILESTONES, nextHash, PARKED, readChange, readReply, sha256, submissionsFrame, writeChange, writeEvents, writeRequest, type Frame } from '../../src/wire/index.ts';
import { vectors } from '../vectors.ts';

type Hex = 'first_hash' | 'chain_from_1' | 'events' | 'change' | 'change_body' | 'header' | 'statement_sha256' | 'join_statement' | 'reply' | 'reply_epoch' | 'device' | 'epoch';
const wire = vectors<Record<Hex, string> & { records: string[]; hashes: string[] }>('wire');
const records = wire.records.map(fromHex);
const hashes = wire.hashes.map(fromHex);
const chain = submissionsFrame(1, hashes[0]!, records.slice(1), hashes[2]!);
const events = writeEvents(17, 'ماء', [
  { verb: 1, activity: 'lecture', started: 1_790_000_000, seconds: 0 },
  { verb: 2, activity: 'lecture', started: 1_790_000_030, seconds: 25 },
]);
const change = writeChange('water-and-health', fromHex(wire.change_body));

test('sealed records are named and chained alike', async () => {
  expect(toHex(await nextHash(new Uint8Array(32), records[0]!))).toBe(wire.first_hash);
  expect(toHex(chain.content)).toBe(wire.chain_from_1);
});

test('frames are written alike', () => {
  expect(toHex(events)).toBe(wire.events);
  expect(toHex(change)).toBe(wire.change);
  const [course, body] = readChange(fromHex(wire.change));
  expect([course, toHex(body)]).toEqual(['water-and-health', wire.change_body]);
  expect(toHex(joinStatement('k7qm-2xhp'))).toBe(wire.join_statement);
});

test('what is signed is what the server checks', async () => {
  let signed = '';
  const header = {
    device: fromHex(wire.device), profile: 300, sendMine: false, epoch: fromHex(wire.epoch), cursor: 2 ** 40,
    sentAt: 1_790_000_000_123, waiting: [0, 0, 0] as const,
  };
  const frames: Frame[] = [chain, { kind: MILESTONES, content: change }, { kind: EVENTS, content: events }];
  const request = await writeRequest(header, frames, async (message) => {
    signed = toHex(await sha256(message));
    return new Uint8Array(64);
  });
  expect(signed).toBe(wire.statement_sha256);
  expect(request[0]).toBe(1);
});

test('a reply is read as it was written', async () => {
  const reply = await readReply(fromHex(wire.reply));
  expect(toHex(reply.epoch)).toBe(wire.reply_epoch);
  expect(reply).toMatchObject({ cursor: 77, serverTime: 1_790_000_001_000, wait: 30, more: true });
  expect(reply.verdicts).toEqual([
    { index: 1, verdict: PARKED, reason: 'missing_dependencies' },
    { index: 2, verdict: LATER, reason: 'busy' },
  ]);
  expect(reply.frames.map(({ kind }) => kind)).toEqual([MILESTONES, 16]);
});

test('a reply that is cut anywhere is refused', async () => {
  const whole = fromHex(wire.reply);
  for (let end = 0; end < whole.length; end++) await expect(readReply(whole.subarray(0, end)), String(end)).rejects.toThrow();
});
