/** The phone goes off between any two rows that it writes. What was said to be kept is kept, once. */

import { beforeEach, expect, test, vi } from 'vitest';
import type { Tiffin } from '../../src/model.ts';
import { COURSE, network } from './phone.ts';
import { changeOf } from './school.ts';
import { setting, type Setting } from './setting.ts';

const here = setting();
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined)); // it says that it was killed

/** What a learner was told is safe. */
interface Promised {
  joined?: true;
  watchedTo?: number;
  completed?: true;
  note?: string;
  bookmarked?: boolean;
  draft?: string;
  attempts: number;
}

/** A life of the app in acts; each is promised when it resolves. */
const ACTS: readonly ((app: Tiffin, promised: Promised) => Promise<unknown>)[] = [
  (app, it) => app.join('AMINA').then(() => (it.joined = true)),
  (app, it) => app.watched(COURSE, 'lecture', 0, 15, 15).then(() => (it.watchedTo = 15)),
  (app, it) => app.putNote(COURSE, 'why', 'boil', 'n1').then(() => (it.note = 'boil')),
  (app, it) => app.bookmark(COURSE, 'lecture', 7, true).then(() => (it.bookmarked = true)),
  (app) => app.exchange(),
  (app, it) => app.watched(COURSE, 'lecture', 15, 30, 30).then(() => (it.watchedTo = 30)),
  (app, it) => app.answer(COURSE, 'exam', 'q1', 'boil').then(() => (it.draft = 'boil')),
  (app, it) => app.handIn(COURSE, 'exam').then(() => ((it.attempts = 1), delete it.draft)),
  (app, it) => app.completed(COURSE, 'why').then(() => (it.completed = true)),
  (app) => app.exchange(),
  (app, it) => app.putNote(COURSE, 'why', 'boil longer', 'n1').then(() => (it.note = 'boil longer')),
  (app, it) => app.bookmark(COURSE, 'lecture', 7, false).then(() => (it.bookmarked = false)),
  (app) => app.exchange(),
];

async function live(app: Tiffin, { school, phone }: Setting, from: number, promised: Promised): Promise<number> {
  let act = from;
  for (; act < ACTS.length && !phone.isDead; act++) {
    if (act === 9) school.fates.push('reply is lost');
    if (act === 12) school.log.push({ learner: 'Amina', author: 'tablet', kind: 3, content: await tablet });
    const told = { ...promised };
    try {
      await ACTS[act]!(app, told);
      Object.assign(promised, told);
      if (!('draft' in told)) delete promised.draft;
    } catch (error) {
      if (!phone.isDead) throw error;
      return act;
    }
  }
  return act;
}

const tablet = changeOf('aa'.repeat(16), COURSE, [['w/lecture', Uint8Array.of(60, 30)], ['b/lecture/3', true]]);

async function expectKept(app: Tiffin, { school }: Setting, it: Promised): Promise<void> {
  await app.exchange();
  await app.exchange();
  expect(app.snapshot()).toMatchObject({ lastExchange: { ok: true }, waiting: { immediate: 0, batched: 0, eventual: 0 } });
  if (it.watchedTo) expect((await school.read('Amina', 'w/lecture') as number[][])[0]).toEqual([0, expect.toSatisfy((to: number) => to >= it.watchedTo!)]);
  if (it.note) expect((await app.notes(COURSE, 'why'))[0]!.texts).toEqual([expect.stringContaining(it.note)]);
  if (it.bookmarked !== undefined) expect([true, null]).toContain(await school.read('Amina', 'b/lecture/7'));
  if (it.completed) expect(await school.read('Amina', 's/why')).toBe(2);
  if (it.draft) expect((await app.quiz(COURSE, 'exam')).draft).toEqual({ q1: it.draft });
  expect(school.attempts('Amina').length).toBeGreaterThanOrEqual(it.attempts);
  expect(school.attempts('Amina').length, 'an attempt is handed in once').toBeLessThanOrEqual(1);
}

test('a life without accidents', async () => {
  const promised: Promised = { attempts: 0 };
  const app = await here.phone.start();

  await live(app, here, 0, promised);

  await expectKept(app, here, promised);
  expect(promised).toEqual({ joined: true, watchedTo: 30, note: 'boil longer', bookmarked: false, completed: true, attempts: 1 });
  expect(await here.school.read('Amina', 'b/lecture/7')).toBeNull();
});

/** Rows of a whole life, and some to spare. */
const ROWS = 140;

test.each(Array.from({ length: ROWS / 5 }, (_, at) => 5 * at))('killed at one of five rows after the first %d, and started again', async (first) => {
  for (let rows = first; rows < first + 5; rows++) {
    here.renew();
    const promised: Promised = { attempts: 0 };
    const begun = await here.phone.start();
    here.phone.dieAfter(rows);
    const act = await live(begun, here, 0, promised);
    if (rows === ROWS - 1) expect(here.phone.isDead, 'a whole life is fewer rows').toBe(false);

    const app = await here.phone.start();
    if (!app.snapshot().profile) {
      expect(promised.joined).toBeUndefined();
      continue;
    }
    await expectKept(app, here, promised);

    network.isOn = true;
    await live(app, here, Math.max(1, act), promised);
    await expectKept(app, here, promised);
  }
});
