import { expect, test } from 'vitest';
import { COURSE, disk, network } from './phone.ts';
import { joined, setting } from './setting.ts';

const here = setting();

test('the oldest events go when a month of them waits, and are counted here and told', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  await here.phone.fill('events', Array.from({ length: 4_096 }, (_, sequence) => ({ profile: 1, sequence, course: COURSE, verb: 1, activity: 'why', started: 1, seconds: 0 })));
  await here.phone.fill('profiles', (await here.phone.rows('profiles')).map((profile) => ({ ...(profile as object), eventsNext: 4_096 })));
  for (let opened = 0; opened < 3; opened++) await app.opened(COURSE, 'why');
  expect(app.snapshot()).toMatchObject({ dropped: 3, waiting: { eventual: 4_096 } });
  network.isOn = true;

  await app.exchange();

  expect(here.school.rows('Amina')).toHaveLength(4_096);
  expect(here.school.told.at(-1)).toMatchObject({ dropped: 3 });
  expect(app.snapshot()).toMatchObject({ dropped: 3, waiting: { eventual: 0 } });
  await app.exchange();
  expect(here.school.requests.at(-1)!.kinds, 'told once').toEqual([]);
});

test('on a full phone events make room for an attempt, which nothing makes room for', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  for (let opened = 0; opened < 4; opened++) await app.opened(COURSE, 'why');
  await app.opened(COURSE, 'exam');
  await app.answer(COURSE, 'exam', 'q1', 'boil');
  disk.isFull = true;
  disk.givesWay = true;

  await app.handIn(COURSE, 'exam');

  expect(app.snapshot()).toMatchObject({ dropped: 5, waiting: { immediate: 1 } });
  disk.givesWay = false;
  disk.isFull = true;
  await expect(app.putNote(COURSE, 'why', 'no room')).rejects.toMatchObject({ code: 'phone_full' });
  disk.isFull = false;
  network.isOn = true;
  await app.exchange();
  expect(here.school.attempts('Amina')).toHaveLength(1);
});
