/** Exchanges by file: requests out, replies back, late, twice, cut, or somebody else's. */

import { randomBytes } from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { repliesIn } from '../../src/core/exchange/carried.ts';
import { nextRequest, settle } from '../../src/core/exchange/exchange.ts';
import { writeRequestFile } from '../../src/core/exchange/filing.ts';
import { openDevice } from '../../src/core/phone/device.ts';
import { Work } from '../../src/core/study/work.ts';
import { join } from '../../src/codec/index.ts';
import type { CarriedFile, Tiffin } from '../../src/model.ts';
import { alone, openDatabase, write, type StoredProfile } from '../../src/storage/database.ts';
import { COURSE, network, RELEASE } from './phone.ts';
import { joined, setting, sitExam } from './setting.ts';
import { answersTo, partsOf, replyFile } from './trainer.ts';

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

/** What stands on the disk of the phone that is open. */
async function stored(): Promise<StoredProfile> {
  return (await (await openDatabase()).getAll('profiles'))[0]!;
}

test('a reply that comes after newer ones takes nothing back', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'hello');
  here.school.announce('Amina', 17, { ...RELEASE, number: 2 });
  const early = await answered(await app.exchangeFile());
  here.school.announce('Amina', 17, { ...RELEASE, number: 3 });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  await app.exchange();
  const before = await stored();

  expect(await app.takeReplies(replyFile([early]))).toBe(1);

  const after = await stored();
  expect([after.cursor, after.anchor]).toEqual([before.cursor, before.anchor]);
  expect(app.snapshot().waiting.batched).toBe(0);
  expect((await (await openDatabase()).getAll('courses')).find(({ course }) => course === COURSE)?.release?.number).toBe(3);
});

test.each([['began further on than this phone stands', false], ['did not ask for all, as this phone does now,', true]])('a reply whose request %s leaves nothing out', async (_, sendMine) => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'hello');
  const file = await app.exchangeFile();
  const database = await openDatabase();
  const begun = await stored();
  await database.put('profiles', { ...begun, ...(sendMine ? { sendMine } : { cursor: 0 }), version: begun.version + 1 });
  const late = await answered(file);

  expect(await app.takeReplies(replyFile([late]))).toBe(1);

  const { cursor, sendMine: asksForAll } = await stored();
  expect([cursor, asksForAll]).toEqual([sendMine ? begun.cursor : 0, sendMine]);
  expect(app.snapshot().waiting.batched).toBe(0);
});

test('a server that lost the ground of a change says so in a file as well, and is offered all of it', async () => {
  const app = await joined(here.phone);
  const before = here.school.copy();
  await app.putNote(COURSE, 'why', 'the ground');
  await app.exchange();
  here.school.restore(before);
  await app.putNote(COURSE, 'why', 'what builds on it');

  expect(await app.takeReplies(replyFile([await answered(await app.exchangeFile())]))).toBe(1);
  await app.exchange();

  expect(app.snapshot().waiting).toEqual({ immediate: 0, batched: 0, eventual: 0 });
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

/** Amina and Badr on one phone, each with an exam handed in and no network since; it is in her hands. */
async function sisters(): Promise<Tiffin> {
  const app = await joined(here.phone);
  await app.join('BADR');
  network.isOn = false;
  await sitExam(app);
  await app.switchProfile(1);
  await sitExam(app);
  return app;
}

test('one file holds the work of everybody on the phone, and its replies serve each of them', async () => {
  const app = await sisters();

  const file = await app.exchangeFile();
  const answers = await answersTo(here.school, file);

  const filed = { immediate: 1, batched: 0 };
  expect(file).toMatchObject({ isWhole: true, works: [{ learner: 'Amina', filed }, { learner: 'Badr', filed }] });
  for (const learner of ['Amina', 'Badr']) expect(here.school.attempts(learner)).toHaveLength(1);
  expect(await app.takeReplies(replyFile(answers))).toBe(2);
  for (const number of [1, 2]) {
    await app.switchProfile(number);
    expect(app.snapshot().waiting).toEqual({ immediate: 0, batched: 0, eventual: 0 });
    expect((await app.quiz(COURSE, 'exam')).results).toMatchObject([{ number: 1, state: 'graded' }]);
  }
});

test('who has to join again is named, and keeps nobody’s work back', async () => {
  const app = await sisters();
  const [amina, badr] = (await here.phone.rows('profiles')) as StoredProfile[];
  await here.phone.fill('profiles', [{ ...badr!, remote: 0 }]);

  const file = await app.exchangeFile();

  expect(file.works).toMatchObject([{ learner: 'Amina' }, { learner: 'Badr', filed: { immediate: 0 }, problem: 'not_known_here' }]);
  expect(await partsOf(file)).toHaveLength(1);
  await here.phone.fill('profiles', [{ ...amina!, remote: 0 }]);
  await expect(app.exchangeFile(), 'nobody’s goes').rejects.toEqual(expect.objectContaining({ code: 'not_known_here' }));
});

test('where not all finds room everybody’s attempts go first, and it is said', async () => {
  const app = await sisters();
  for (const number of [2, 1]) {
    await app.switchProfile(number);
    for (let note = 0; note < 3; note++) await app.putNote(COURSE, 'why', randomBytes(1_000).toString('hex'));
  }
  const database = await openDatabase();
  const core = { open: Work.open, nextRequest, settle, alone, write };

  const file = await writeRequestFile(core, await Work.open(database, 1), await openDevice(database), { status: '{}', subscription: '' }, 6_000);
  await answersTo(here.school, file);

  expect(file.file.size).toBeLessThanOrEqual(6_000);
  expect(file).toMatchObject({ isWhole: false, works: [{ learner: 'Amina', isWhole: false }, { learner: 'Badr', isWhole: false }] });
  for (const learner of ['Amina', 'Badr']) expect(here.school.attempts(learner)).toHaveLength(1);
  expect(here.school.requests.slice(-2).map(({ kinds }) => kinds.includes(3)), 'notes wait').toEqual([false, false]);
});
