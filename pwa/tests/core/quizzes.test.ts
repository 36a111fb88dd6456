import { expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import { COURSE, network } from './phone.ts';
import { joined, setting, sitExam } from './setting.ts';

const here = setting();

test('a draft stands after the app was closed', async () => {
  const app = await joined(here.phone);
  await app.answer(COURSE, 'exam', 'q1', 'boil');
  await app.answer(COURSE, 'exam', 'q1', 'boil it');

  const again = await here.phone.start();

  expect((await again.quiz(COURSE, 'exam')).draft).toEqual({ q1: 'boil it' });
});

test('an attempt says when it began, how long each answer took, and when a server was last heard', async () => {
  const app = await joined(here.phone);
  await app.opened(COURSE, 'exam');
  vi.setSystemTime(Date.now() + 4_000);
  await app.answer(COURSE, 'exam', 'q1', 'boil');
  vi.setSystemTime(Date.now() + 2_500);
  await app.answer(COURSE, 'exam', 'q2', 'salt');
  vi.setSystemTime(Date.now() + 1_500);
  await app.answer(COURSE, 'exam', 'q1', 'boil it');
  await app.handIn(COURSE, 'exam');
  await app.exchange();

  const [attempt] = here.school.attempts('Amina');
  expect(attempt).toMatchObject({ course: COURSE, activity: 'exam', release: 1, number: 1, started: 1_790_000_000, ended: 1_790_000_008, answers: { q1: 'boil it', q2: 'salt' }, took: [55, 25] });
  expect(attempt!.anchor).toEqual([1_790_000_000_000, 8_000]);
});

test('time that she was away is not time that she thought', async () => {
  const app = await joined(here.phone);
  await app.opened(COURSE, 'exam');
  vi.setSystemTime(Date.now() + 86_400_000);
  await app.opened(COURSE, 'exam');
  vi.setSystemTime(Date.now() + 3_000);
  await app.answer(COURSE, 'exam', 'q1', 'boil');
  await app.handIn(COURSE, 'exam');
  await app.exchange();

  expect(here.school.attempts('Amina')[0]).toMatchObject({ took: [30] });
});

test('the clock of the phone may be years off: the anchor says how long ago the server was heard all the same', async () => {
  const app = await joined(here.phone);
  vi.stubGlobal('fetch', here.school.fetch);
  vi.setSystemTime(Date.now() + 60_000);
  await sitExam(app);
  vi.setSystemTime(1_400_000_000_000); // it fell back, as without a battery

  await app.exchange();

  expect(here.school.attempts('Amina')[0]!.anchor).toEqual([1_790_000_000_000, 60_000]);
});

test('a clock that is ten years ahead stamps what she does a year after the server’s last word, and no later', async () => {
  const app = await joined(here.phone);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 365 * 86_400_000 });
  await app.answer(COURSE, 'exam', 'q1', 'boil');
  const { clock, anchor } = (await (await openDatabase()).getAll('profiles'))[0]!;
  expect(clock[0]).toBe(anchor + 400 * 86_400);
});

test('attempts are numbered, and each holds the one before it', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  await sitExam(app, 'tea');
  await sitExam(app, 'boil');
  network.isOn = true;

  expect(await app.quiz(COURSE, 'exam')).toMatchObject({ handedIn: 2, attempts: 2, draft: {} });
  expect(app.snapshot().waiting.immediate).toBe(2);
  await app.exchange();

  expect(here.school.attempts('Amina').map(({ number, answers }) => [number, answers['q1']])).toEqual([[1, 'tea'], [2, 'boil']]);
});

test('a second tap hands nothing in', async () => {
  const app = await joined(here.phone);
  await sitExam(app);
  await app.handIn(COURSE, 'exam');
  await app.exchange();
  await app.handIn(COURSE, 'exam');
  await app.exchange();

  expect(here.school.attempts('Amina')).toHaveLength(1);
});

test('practice is judged on the phone; a graded quiz is not', async () => {
  const app = await joined(here.phone);

  expect(await app.check(COURSE, 'try', 'q1', ' Boil ')).toMatchObject({ correct: true, feedback: [{ en: 'Well.' }] });
  expect(await app.check(COURSE, 'try', 'q1', 'tea')).toMatchObject({ correct: false, right: ['boil'] });
  await expect(app.check(COURSE, 'exam', 'q1', 'boil')).rejects.toEqual(expect.objectContaining({ code: 'not_on_phone' }));
});

test('a quiz and its completion are one thing that waits', async () => {
  const app = await joined(here.phone);

  network.isOn = false;
  await sitExam(app);

  expect(app.snapshot().waiting).toMatchObject({ immediate: 1, batched: 0 });
});

test('what cannot be opened says so', async () => {
  const app = await joined(here.phone);

  await expect(app.quiz(COURSE, 'nothing')).rejects.toEqual(expect.objectContaining({ code: 'not_on_phone' }));
  await expect(app.quiz(COURSE, 'why')).rejects.toEqual(expect.objectContaining({ code: 'not_on_phone' }));
  await expect(app.course('nothing')).rejects.toEqual(expect.objectContaining({ code: 'not_on_phone' }));
});
