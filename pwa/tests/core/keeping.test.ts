/** What is kept, how, and what happens when it cannot be. */

import { expect, test, vi } from 'vitest';
import { COURSE, disk, durabilities, network } from './phone.ts';
import { joined, setting, sitExam } from './setting.ts';

const here = setting();
const full = expect.objectContaining({ code: 'phone_full' });

test('every write of her work asks for the disk, not for a buffer', async () => {
  const app = await joined(here.phone);
  await sitExam(app);
  await app.exchange();

  expect([...durabilities]).toEqual(['strict']);
});

test('on a full phone an act says so, and everything from before stands', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'kept', 'n1');
  disk.isFull = true;

  await expect(app.putNote(COURSE, 'why', 'not kept', 'n1')).rejects.toEqual(full);
  await expect(app.watched(COURSE, 'lecture', 0, 15, 15)).rejects.toEqual(full);
  await expect(app.answer(COURSE, 'exam', 'q1', 'boil')).rejects.toEqual(full);
  await expect(app.handIn(COURSE, 'exam')).rejects.toEqual(full);

  expect(await app.notes(COURSE, 'why')).toEqual([{ id: 'n1', texts: ['kept'] }]);
  disk.isFull = false;
  await app.exchange();
  expect(await here.school.read('Amina', 'n/why/n1')).toEqual(['kept']);
  expect(await here.school.read('Amina', 'w/lecture')).toBeNull();
});

test('an exchange on a full phone fails with a word, and goes when there is room', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  await sitExam(app);
  network.isOn = true;
  disk.isFull = true;

  expect(await app.exchange()).toMatchObject({ ok: false, problem: 'phone_full' });
  expect(app.snapshot()).toMatchObject({ problem: 'phone_full', lastExchange: { problem: 'phone_full' }, waiting: { immediate: 1 } });
  disk.isFull = false;
  await app.exchange();

  expect(app.snapshot()).toMatchObject({ problem: undefined, waiting: { immediate: 0 } });
  expect(here.school.attempts('Amina')).toHaveLength(1);
});

test('a full phone that cannot keep a reply keeps its outbox', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  await sitExam(app);
  network.isOn = true;
  here.school.onRequest = async () => void (disk.isFull = true);

  expect(await app.exchange()).toMatchObject({ problem: 'phone_full' });
  disk.isFull = false;
  here.school.onRequest = async () => undefined;
  await app.exchange();

  expect(here.school.attempts('Amina')).toHaveLength(1);
  expect((await app.quiz(COURSE, 'exam')).results).toHaveLength(1);
});

test('a browser that threw everything away is found out, until she has joined again and all is back', async () => {
  const before = await joined(here.phone);
  await before.putNote(COURSE, 'why', 'mine', 'n1');
  await before.exchange();
  here.phone.loseStorage();

  const app = await here.phone.start();
  expect(app.snapshot()).toMatchObject({ ready: true, profile: undefined, problem: 'work_lost' });
  await app.join('AMINA');

  expect(app.snapshot().problem).toBeUndefined();
  expect(await app.notes(COURSE, 'why')).toEqual([{ id: 'n1', texts: ['mine'] }]);
});

test('a new phone has lost nothing', async () => {
  const app = await here.phone.start();

  expect(app.snapshot().problem).toBeUndefined();
});

test('a hole in her changes is noticed at the start, and the server fills it', async () => {
  const before = await joined(here.phone);
  await before.putNote(COURSE, 'why', 'one', 'n1');
  await before.exchange();
  await before.putNote(COURSE, 'why', 'two', 'n2');
  await before.exchange();
  await here.phone.spoil('changes', 1);

  network.isOn = false;
  const app = await here.phone.start();
  expect(app.snapshot().problem).toBe('work_lost');
  network.isOn = true;
  await app.exchange();

  expect(here.school.requests.at(-1)).toMatchObject({ sendMine: true, cursor: 0 });
  expect(app.snapshot().problem).toBeUndefined();
  expect((await app.notes(COURSE, 'why')).map(({ texts }) => texts[0])).toEqual(['one', 'two']);
});

test('a long time offline becomes changes that the server takes, and stays small', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  for (let note = 0; note < 8; note++) await app.putNote(COURSE, 'why', '水'.repeat(4_000), `n${note}`);
  for (let at = 0; at < 600; at += 15) await app.watched(COURSE, 'lecture', at, at + 15, at + 15);
  network.isOn = true;

  await app.exchange();

  expect(app.snapshot().waiting).toEqual({ immediate: 0, batched: 0, eventual: 0 });
  for (let note = 0; note < 8; note++) expect(await here.school.read('Amina', `n/why/n${note}`)).toEqual(['水'.repeat(4_000)]);
  expect(here.school.rows('Amina'), 'one lecture, one event').toEqual([{ verb: 2, activity: 'lecture', seconds: 600 }]);
});

test('a note that nobody could read later is not taken', async () => {
  const app = await joined(here.phone);

  await expect(app.putNote(COURSE, 'why', 'x'.repeat(4_001))).rejects.toThrow('too long');

  expect(await app.notes(COURSE, 'why')).toEqual([]);
});

test('playing on after what has travelled begins a new event: the server never hears two things under one number', async () => {
  const app = await joined(here.phone);
  await app.watched(COURSE, 'lecture', 0, 15, 15);
  here.school.fates = ['reply is lost'];
  await app.exchange();
  await app.watched(COURSE, 'lecture', 15, 30, 30);

  await app.exchange();

  expect(here.school.rows('Amina').map(({ seconds }) => seconds)).toEqual([15, 15]);
});

test('what waits is what a learner would count', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  await app.opened(COURSE, 'why');
  await app.completed(COURSE, 'why');
  await app.watched(COURSE, 'lecture', 0, 15, 15);
  await app.bookmark(COURSE, 'lecture', 7, true);
  await app.putNote(COURSE, 'why', 'one');
  await app.putNote(COURSE, 'why', 'two');
  await app.answer(COURSE, 'exam', 'q1', 'boil');
  await app.answer(COURSE, 'exam', 'q2', 'salt');
  const waiting = { immediate: 1, batched: 5, eventual: 3 };

  expect(app.snapshot().waiting, 'a page done; a place, a bookmark, two notes, a draft').toEqual(waiting);
  await app.exchangeFile();
  await app.setLanguage('en');

  expect(app.snapshot().waiting, 'the same in changes').toEqual(waiting);
});

test('bytes are counted by the month, and a killed app has forgotten a second of them at most', async () => {
  const app = await joined(here.phone);
  const counted = app.snapshot().dataBytes;
  expect(counted).toBeGreaterThan(0);
  await vi.advanceTimersByTimeAsync(1_000);
  await vi.waitUntil(async () => (await here.phone.rows('settings')).includes(counted));

  const again = await here.phone.start();
  expect(again.snapshot().dataBytes).toBe(counted);
  vi.setSystemTime(Date.now() + 40 * 86_400_000);
  network.isOn = false;
  const nextMonth = await here.phone.start();

  expect(nextMonth.snapshot().dataBytes).toBe(0);
});

test('while an exchange writes and reads, what she wrote is on the screen all the time', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'mine', 'n1');
  let isOver = false;
  const over = app.exchange().then(() => (isOver = true));
  const seen = new Set<string>();

  while (!isOver) {
    seen.add(JSON.stringify(await app.notes(COURSE, 'why')));
    await new Promise(setImmediate);
  }
  await over;

  expect([...seen]).toEqual([JSON.stringify([{ id: 'n1', texts: ['mine'] }])]);
});

test('what no store can hold of a text is left out, and the rest is kept', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'half a smile \ud83d, and a\0 nothing', 'n1');
  await app.opened(COURSE, 'exam');
  await app.answer(COURSE, 'exam', 'q1', 'bo\0il');

  expect((await app.notes(COURSE, 'why'))[0]!.texts).toEqual(['half a smile \ufffd, and a nothing']);
  expect((await app.quiz(COURSE, 'exam')).draft['q1']).toBe('boil');
});
