/** Exchanges by file: requests out, replies back, late, twice, cut, or somebody else's. */

import { beforeEach, expect, test } from 'vitest';
import { repliesIn } from '../../src/core/exchange/carried.ts';
import { join } from '../../src/codec/index.ts';
import type { CarriedFile } from '../../src/model.ts';
import { COURSE, network } from './phone.ts';
import { joined, setting, sitExam } from './setting.ts';
import { answersTo, replyFile } from './trainer.ts';

const here = setting();
beforeEach(() => void (network.isOn = true));

/** The reply to a file's one request. */
async function answered(file: CarriedFile): Promise<Uint8Array> {
  return (await answersTo(here.school, file))[0]!;
}

test('a reply that comes back in a file acknowledges what its request carried', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  await sitExam(app);
  const reply = await answered(await app.exchangeFile());

  expect(await app.takeReplies(replyFile([reply]))).toBe(1);

  expect(app.snapshot().waiting).toEqual({ immediate: 0, batched: 0, eventual: 0 });
  expect(here.school.attempts('Amina')).toHaveLength(1);
});

test('what was written after the file stays to be sent', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'in the file');
  const file = await app.exchangeFile();
  await app.putNote(COURSE, 'why', 'after it');

  await app.takeReplies(replyFile([await answered(file)]));

  expect(app.snapshot().waiting.batched).toBe(1);
});

test('a reply is taken in once, and never after the server was set back since', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'hello');
  const reply = await answered(await app.exchangeFile());
  expect([await app.takeReplies(replyFile([reply])), await app.takeReplies(replyFile([reply]))]).toEqual([1, 0]);

  const late = await answered(await app.exchangeFile());
  here.school.restore(here.school.copy());
  await app.exchange();

  expect(await app.takeReplies(replyFile([late]))).toBe(0);
});

test('a file that was cut gives what is whole in it; one that is none is refused', async () => {
  const app = await joined(here.phone);
  const reply = await answered(await app.exchangeFile());
  const whole = new Uint8Array(await replyFile([reply, reply]).arrayBuffer());

  expect(await repliesIn(whole)).toHaveLength(2);
  expect(await repliesIn(whole.subarray(0, whole.length - 60))).toHaveLength(1);
  await expect(app.takeReplies(new Blob(['a picture']))).rejects.toEqual(expect.objectContaining({ code: 'tampered' }));
});

test('a damaged part is passed over, and so is another phone’s', async () => {
  const app = await joined(here.phone);
  const reply = await answered(await app.exchangeFile());
  const file = new Uint8Array(await replyFile([reply]).arrayBuffer());
  file[40]! ^= 1;
  const another = join([new Uint8Array(16).fill(7), reply.subarray(16)]);

  expect(await app.takeReplies(new Blob([file]))).toBe(0);
  expect(await app.takeReplies(replyFile([another]))).toBe(0);
  expect(await app.takeReplies(replyFile([reply]))).toBe(1);
});

test('a reply that cannot be read costs the others in its file nothing', async () => {
  const app = await joined(here.phone);
  const reply = await answered(await app.exchangeFile()), other = await answered(await app.exchangeFile());
  const broken = join([other.subarray(0, other.length - 3)]);

  expect(await app.takeReplies(replyFile([broken, reply]))).toBe(1);
});

test('a file over its bound is refused before it is read', async () => {
  const app = await joined(here.phone);
  const large = new Blob([new Uint8Array((32 << 20) + 1)]);
  await expect(app.takeReplies(large)).rejects.toEqual(expect.objectContaining({ code: 'tampered' }));
});
