/** Two learners on one phone, two tabs of one learner, two phones of one learner. */

import { expect, test, vi } from 'vitest';
import { COURSE, network, Phone } from './phone.ts';
import { joined, setting, sitExam } from './setting.ts';

const here = setting();

test('two learners on one phone stay apart, and each has her own language', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'Amina was here', 'n1');
  await app.setLanguage('en');
  await app.join('BADR');
  expect(app.snapshot()).toMatchObject({ profile: { number: 2, learner: 'Badr' }, language: 'ar' });
  expect(await app.notes(COURSE, 'why')).toEqual([]);
  await app.putNote(COURSE, 'why', 'Badr too', 'n1');
  await sitExam(app);
  await app.exchange();

  await app.switchProfile(1);

  expect(app.snapshot()).toMatchObject({ profile: { learner: 'Amina' }, language: 'en' });
  expect((await app.quiz(COURSE, 'exam')).handedIn).toBe(0);
  expect(await here.school.read('Amina', 'n/why/n1')).toEqual(['Amina was here']);
  expect(await here.school.read('Badr', 'n/why/n1')).toEqual(['Badr too']);
  expect(here.school.attempts('Amina')).toEqual([]);
});

test('an exchange takes along what her sister left on the phone', async () => {
  const app = await joined(here.phone);
  await app.join('BADR');
  network.isOn = false;
  await sitExam(app);
  await app.switchProfile(1);
  network.isOn = true;

  await app.exchange();

  expect(here.school.attempts('Badr')).toHaveLength(1);
});

test('a server that gives a number away again gets no work under the wrong name', async () => {
  const app = await joined(here.phone);
  const backup = here.school.copy();
  await app.join('BADR');
  network.isOn = false;
  await sitExam(app);
  network.isOn = true;
  here.school.restore(backup);
  for (const device of here.school.devices.values()) device.profiles = ['Amina', 'Chandra'];
  vi.stubGlobal('fetch', async (path: string, options: RequestInit) => here.school.fetch(path, options));
  here.school.learners['CHANDRA'] = 'Chandra';
  await app.join('CHANDRA');
  await app.exchange();

  await app.switchProfile(2);
  expect(await app.exchange()).toMatchObject({ problem: 'not_known_here' });
  expect(here.school.attempts('Chandra')).toEqual([]);
  await app.join('BADR');

  expect(app.snapshot()).toMatchObject({ profile: { number: 2, learner: 'Badr' }, waiting: { immediate: 0 } });
  expect(here.school.attempts('Badr')).toHaveLength(1);
});

test('two tabs of one learner write over nothing of each other', async () => {
  const one = await joined(here.phone);
  const two = await here.phone.openTab();
  await one.watched(COURSE, 'lecture', 0, 15, 15);
  await two.watched(COURSE, 'lecture', 60, 75, 75);
  await one.putNote(COURSE, 'why', 'first', 'n1');
  await Promise.all([one.exchange(), two.watched(COURSE, 'lecture', 30, 45, 45)]);
  await two.putNote(COURSE, 'why', 'second', 'n1');
  await Promise.all([two.exchange(), one.watched(COURSE, 'lecture', 15, 20, 20)]);
  await one.exchange();

  expect(await here.school.read('Amina', 'w/lecture')).toEqual([[0, 20], [30, 45], [60, 75]]);
  expect(await here.school.read('Amina', 'n/why/n1')).toEqual(['second']);
  expect(await here.school.read('Amina', 'p/lecture')).toBe(20);
});

test('what one tab did, the other shows', async () => {
  const one = await joined(here.phone);
  const two = await here.phone.openTab();

  await one.completed(COURSE, 'why');

  await vi.waitUntil(() => two.snapshot().courses[0]?.completed === 1);
});

test('a quiz handed in on one tab is not handed in again on the other', async () => {
  const one = await joined(here.phone);
  const two = await here.phone.openTab();
  await one.opened(COURSE, 'exam');
  await one.answer(COURSE, 'exam', 'q1', 'boil');

  await Promise.all([one.handIn(COURSE, 'exam'), two.handIn(COURSE, 'exam')]);
  await one.exchange();

  expect(here.school.attempts('Amina')).toMatchObject([{ number: 1, answers: { q1: 'boil' } }]);
});

test('two phones of one learner come to the same', async () => {
  const phone = await joined(here.phone);
  const tablet = await joined(new Phone());
  await phone.watched(COURSE, 'lecture', 0, 40, 40);
  await phone.completed(COURSE, 'why');
  await tablet.watched(COURSE, 'lecture', 30, 90, 90);
  await tablet.opened(COURSE, 'why');
  await phone.putNote(COURSE, 'why', 'one', 'n1');
  await tablet.putNote(COURSE, 'why', 'two', 'n1');

  await phone.exchange();
  await tablet.exchange();
  await phone.exchange();

  for (const app of [phone, tablet]) {
    expect((await app.notes(COURSE, 'why'))[0]!.texts.toSorted()).toEqual(['one', 'two']);
    expect((await app.course(COURSE)).lessons[0]!.activities[0]).toMatchObject({ id: 'why', state: 'completed' });
  }
});
