import { expect, test, vi } from 'vitest';
import { changeHash, Document } from '../../src/codec/index.ts';
import { PROGRESS, readChange, writeChange } from '../../src/wire/index.ts';
import { COURSE, network, plugIn, RELEASE } from './phone.ts';
import { changeOf } from './school.ts';
import { joined, setting, sitExam } from './setting.ts';
import { answersTo } from './trainer.ts';

const here = setting();

test('joining brings the courses with the first exchange', async () => {
  const app = await joined(here.phone);

  expect(app.snapshot()).toMatchObject({ profile: { number: 1, learner: 'Amina' }, courses: [{ id: COURSE, taken: 'yes' }], lastExchange: { ok: true } });
});

test('a week of work goes up in one request, in tier order, one change to a document', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  await app.opened(COURSE, 'why');
  for (let at = 0; at < 120; at += 15) await app.watched(COURSE, 'lecture', at, at + 15, at + 15);
  await app.completed(COURSE, 'why');
  await app.putNote(COURSE, 'why', 'Ask Grace');
  await sitExam(app);
  network.isOn = true;

  await app.exchange();

  expect(here.school.requests.at(-1)!.kinds).toEqual([1, 2, 3, 4, 5]);
  expect(await here.school.read('Amina', 's/why')).toBe(2);
  expect(await here.school.read('Amina', 's/exam')).toBe(2);
  expect(await here.school.read('Amina', 'w/lecture')).toEqual([[0, 120]]);
  expect(await here.school.read('Amina', 'p/lecture')).toBe(120);
  expect(here.school.attempts('Amina')).toMatchObject([{ number: 1, answers: { q1: 'boil', q2: 'salt' } }]);
  expect(app.snapshot().waiting).toEqual({ immediate: 0, batched: 0, eventual: 0 });
});

test('nothing that was acknowledged is sent again, and what is sent once more changes nothing', async () => {
  const app = await joined(here.phone);
  await sitExam(app);
  await app.putNote(COURSE, 'why', 'Ask Grace', 'n1');
  here.school.fates = ['reply is lost'];

  expect(await app.exchange()).toMatchObject({ ok: false, problem: 'offline' });
  expect(app.snapshot().waiting.immediate).toBe(1);
  await app.exchange();
  await app.exchange();

  expect(here.school.requests.at(-1)!.kinds).toEqual([]);
  expect(here.school.attempts('Amina')).toHaveLength(1);
  expect(await here.school.read('Amina', 'n/why/n1')).toEqual(['Ask Grace']);
  expect(here.school.rows('Amina').map(({ verb }) => verb)).toEqual([1, 4]);
});

test('the grade comes back and stands at the quiz', async () => {
  const app = await joined(here.phone);
  await sitExam(app);

  await app.exchange();

  expect(await app.quiz(COURSE, 'exam')).toMatchObject({ handedIn: 1, draft: {}, results: [{ state: 'graded', score: 1000, passed: true }] });
  expect((await app.course(COURSE)).lessons[0]!.activities[1]).toMatchObject({ id: 'exam', state: 'completed', waiting: false, result: { number: 1 } });
});

test('what she writes while a reply is under way had not seen what the reply brings: both notes stand', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'boil', 'n1');
  await app.exchange();
  here.school.log.push({ learner: 'Amina', author: 'tablet', kind: 3, content: await changeOf('aa'.repeat(16), COURSE, [['n/why/n1', 'filter'], ['w/lecture', Uint8Array.of(60, 30)]]) });
  here.school.onRequest = async () => {
    here.school.onRequest = async () => undefined;
    await app.putNote(COURSE, 'why', 'boil longer', 'n1');
    await app.watched(COURSE, 'lecture', 0, 20, 20);
  };

  await app.exchange();
  await app.exchange();

  expect((await app.notes(COURSE, 'why'))[0]!.texts.toSorted()).toEqual(['boil longer', 'filter']);
  expect((await app.video(COURSE, 'lecture').catch(() => undefined))).toBeUndefined();
  expect(await here.school.read('Amina', 'w/lecture')).toEqual([[0, 20], [60, 90]]);
});

test('a reply in several pages is read to its end', async () => {
  const app = await joined(here.phone);
  for (let note = 0; note < 5; note++) {
    const actor = String(note).padStart(32, '0');
    here.school.log.push({ learner: 'Amina', author: actor, kind: 3, content: await changeOf(actor, COURSE, [[`n/why/${note}`, `note ${note}`]]) });
  }
  here.school.replyBytesMax = 100;

  await app.exchange();

  expect(await app.notes(COURSE, 'why')).toHaveLength(5);
});

test('an outbox that one request cannot hold goes up in several, each safe by itself', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  const letters = Array.from({ length: 3_990 }, (_, at) => String.fromCodePoint(97 + ((at * 7919 + ((at * at) >> 5)) % 26))).join('');
  for (let note = 0; note < 30; note++) await app.putNote(COURSE, 'why', note + letters, `n${note}`);
  await sitExam(app);
  network.isOn = true;
  const before = here.school.requests.length;
  here.school.fates = ['arrives', 'never arrives'];

  await app.exchange();
  expect(here.school.attempts('Amina'), 'what was finished goes first').toHaveLength(1);
  await app.exchange();

  expect(here.school.requests.length - before).toBeGreaterThan(1);
  for (let note = 0; note < 30; note++) expect(await here.school.read('Amina', `n/why/n${note}`)).toEqual([note + letters]);
  expect(app.snapshot().waiting).toMatchObject({ immediate: 0, batched: 0 });
});

/** The first change under this phone's name that its copy wrote, of a note. */
async function writtenByACopy(note: string): Promise<Uint8Array> {
  const [{ actor }] = (await here.phone.rows('profiles')) as [{ actor: string }];
  return changeOf(actor, COURSE, [[`n/why/${note}`, 'on the copy']]);
}

test('an actor that a copy writes under is left, and what it took the place of is written again in its order', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'first', 'n1');
  here.school.fates = ['never arrives'];
  await app.exchange();
  await app.putNote(COURSE, 'why', 'second', 'n1');
  await app.completed(COURSE, 'why');
  const actor = ((await here.phone.rows('profiles'))[0] as { actor: string }).actor;
  await here.school.hears('Amina', PROGRESS, await writtenByACopy('n9'));

  await app.exchange();

  expect(await here.school.read('Amina', 'n/why/n1')).toEqual(['second']);
  expect(await here.school.read('Amina', 'n/why/n9')).toEqual(['on the copy']);
  expect(await here.school.read('Amina', 's/why')).toBe(2);
  expect(((await here.phone.rows('profiles'))[0] as { actor: string }).actor).not.toBe(actor);
  expect(app.snapshot().waiting).toMatchObject({ immediate: 0, batched: 0 });
});

test('a server that was set back is offered everything again', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'before the backup', 'n1');
  await app.exchange();
  const backup = here.school.copy();
  await app.putNote(COURSE, 'why', 'after the backup', 'n2');
  await sitExam(app);
  await app.exchange();
  here.school.restore(backup);

  await app.exchange();

  expect(here.school.attempts('Amina')).toHaveLength(1);
  expect(await here.school.read('Amina', 'n/why/n2')).toEqual(['after the backup']);
  expect(app.snapshot().waiting).toMatchObject({ immediate: 0, batched: 0 });
});

test('what a copy of this phone wrote under the same name arrives, and this phone goes on after it', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'before the copy was made', 'n1');
  await app.exchange();
  const [{ actor }] = (await here.phone.rows('profiles')) as [{ actor: string }];
  const mine = here.school.log.filter(({ learner, kind }) => learner === 'Amina' && kind === PROGRESS);
  const copy = await Document.load(actor, mine.map(({ content }) => readChange(content)[1]));
  copy.put('n/why/n2', 'on the copy');
  const body = (await copy.commit(1_790_000_000))!;
  here.school.log.push({ ...mine[0]!, content: writeChange(COURSE, body) });
  here.school.hashes.add(await changeHash(body));

  await app.exchange();
  await app.putNote(COURSE, 'why', 'afterwards', 'n3');
  await app.exchange();

  expect((await app.notes(COURSE, 'why')).flatMap(({ texts }) => texts)).toEqual(['before the copy was made', 'on the copy', 'afterwards']);
  expect(await here.school.read('Amina', 'n/why/n3')).toEqual(['afterwards']);
  expect(app.snapshot().waiting).toMatchObject({ batched: 0 });
});

test('what was written under a former actor is offered to a server that was set back, too', async () => {
  const app = await joined(here.phone);
  const backup = here.school.copy();
  await app.completed(COURSE, 'why');
  await app.exchange();
  await here.school.hears('Amina', PROGRESS, await writtenByACopy('n9'));
  await app.putNote(COURSE, 'why', 'as the second actor', 'n2');
  await app.exchange();
  here.school.restore(backup);

  await app.exchange();

  expect(await here.school.read('Amina', 's/why'), 'as the first actor').toBe(2);
  expect(await here.school.read('Amina', 'n/why/n2')).toEqual(['as the second actor']);
  expect(await here.school.read('Amina', 'n/why/n9')).toEqual(['on the copy']);
});

test('what her other phone wrote is offered, with what builds on it, to a server that was set back or just lost it', async () => {
  const app = await joined(here.phone);
  const backup = here.school.copy();
  const begun = here.school.log.length;
  await here.school.hears('Amina', PROGRESS, await changeOf('0b'.repeat(16), COURSE, [['n/why/n1', 'by her other phone']]));
  await app.exchange();

  here.school.restore(backup);
  await app.exchange();
  expect(await here.school.read('Amina', 'n/why/n1')).toEqual(['by her other phone']);

  await here.school.forget(begun);
  await app.putNote(COURSE, 'why', 'by her other phone, and more', 'n1');
  await app.exchange();
  expect(await here.school.read('Amina', 'n/why/n1')).toEqual(['by her other phone, and more']);
  expect(app.snapshot().waiting).toMatchObject({ immediate: 0, batched: 0 });
});

test('what her other phone wrote, in whose place something else stands by now, is written again with what builds on it', async () => {
  const app = await joined(here.phone);
  const backup = here.school.copy();
  await here.school.hears('Amina', PROGRESS, await changeOf('0b'.repeat(16), COURSE, [['n/why/n1', 'by her other phone']]));
  await app.exchange();
  await app.putNote(COURSE, 'why', 'by her other phone, and more', 'n1');
  here.school.restore(backup);
  await here.school.hears('Amina', PROGRESS, await changeOf('0b'.repeat(16), COURSE, [['n/why/n2', 'after it was set back']]));

  await app.exchange();

  expect(await here.school.read('Amina', 'n/why/n1')).toEqual(['by her other phone, and more']);
  expect((await app.notes(COURSE, 'why')).flatMap(({ texts }) => texts).sort()).toEqual(['after it was set back', 'by her other phone, and more']);
  expect(app.snapshot().waiting).toMatchObject({ batched: 0 });
});

test('what a third phone built on what has to be written again goes with it', async () => {
  const app = await joined(here.phone);
  const backup = here.school.copy();
  const first = await changeOf('0b'.repeat(16), COURSE, [['n/why/n1', 'by her other phone']]);
  const third = await Document.load('0c'.repeat(16), [readChange(first)[1]]);
  third.put('n/why/n1', 'by her third phone, who had read it');
  for (const content of [first, writeChange(COURSE, (await third.commit(1_790_000_000))!)]) await here.school.hears('Amina', PROGRESS, content);
  await app.exchange();
  here.school.restore(backup);
  await here.school.hears('Amina', PROGRESS, await changeOf('0b'.repeat(16), COURSE, [['n/why/n2', 'after it was set back']]));

  await app.exchange();

  expect(await here.school.read('Amina', 'n/why/n1')).toEqual(['by her third phone, who had read it']);
  expect((await app.notes(COURSE, 'why')).flatMap(({ texts }) => texts).sort()).toEqual(['after it was set back', 'by her third phone, who had read it']);
  expect(app.snapshot().waiting).toMatchObject({ batched: 0 });
});

test('a server that forgot the device says so, and joining again brings all of it home', async () => {
  const app = await joined(here.phone);
  await sitExam(app);
  here.school.devices.clear();

  expect(await app.exchange()).toMatchObject({ problem: 'not_known_here' });
  expect(app.snapshot().problem).toBe('not_known_here');
  await app.join('AMINA');

  expect(app.snapshot()).toMatchObject({ profiles: [{ number: 1 }], problem: undefined });
  expect(here.school.attempts('Amina')).toHaveLength(1);
});

test('what a busy server puts off waits, and goes when the server wants it', async () => {
  const app = await joined(here.phone);
  await sitExam(app);
  here.school.shed = [2];
  here.school.wait = 40;
  await app.exchange();
  const sent = here.school.requests.length;
  expect(app.snapshot().waiting.immediate).toBe(1);
  here.school.shed = [];
  here.school.wait = 0;

  await vi.advanceTimersByTimeAsync(39_000);
  expect(here.school.requests).toHaveLength(sent);
  await vi.advanceTimersByTimeAsync(4_000);
  await vi.waitUntil(() => app.snapshot().waiting.immediate === 0);

  expect(await here.school.read('Amina', 's/exam')).toBe(2);
});

test.each([
  [{ status: 429, code: 'busy', retryAfter: 30 }, 'busy'],
  [{ status: 503, code: 'not_ready' }, 'busy'],
  [{ status: 400, code: 'unsupported_version' }, 'update_needed'],
  [{ status: 400, code: 'malformed' }, 'unknown'],
  ['never arrives', 'offline'],
] as const)('%o reads as %s, and nothing is lost', async (fate, problem) => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const app = await joined(here.phone);
  await app.completed(COURSE, 'why');
  here.school.fates = [fate];

  expect(await app.exchange()).toMatchObject({ ok: false, problem });

  expect(app.snapshot().waiting.immediate).toBe(1);
});

test('a reply that cannot be read changes nothing', async () => {
  const app = await joined(here.phone);
  await app.completed(COURSE, 'why');
  vi.stubGlobal('fetch', async () => new Response(Uint8Array.of(9, 9, 9)));

  expect(await app.exchange()).toMatchObject({ problem: 'update_needed' });

  expect(app.snapshot().waiting.immediate).toBe(1);
});

test('news and changes that nobody can read are passed over, the rest is taken', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const app = await joined(here.phone);
  const junk = (kind: number, text: string) => here.school.log.push({ learner: 'Amina', author: '', kind, content: new TextEncoder().encode(text) });
  junk(16, 'no json');
  junk(17, '{"course":7}');
  junk(17, `{"course":"${COURSE}","number":9}`);
  junk(2, 'no change');
  junk(99, 'of a later version');
  here.school.announce('Amina', 19, { course: 'hygiene', on: true });
  here.school.announce('Amina', 17, { ...RELEASE, course: 'hygiene' });

  expect(await app.exchange()).toMatchObject({ ok: true });

  expect(app.snapshot().courses.map(({ id, release }) => [id, release])).toEqual([['hygiene', 1], [COURSE, 1]]);
});

test('a course that she was taken off is not shown', async () => {
  const app = await joined(here.phone);
  here.school.announce('Amina', 19, { course: COURSE, on: false });

  await app.exchange();

  expect(app.snapshot().courses).toEqual([]);
});

test('the file holds what the request would, and the server takes it as one', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  await sitExam(app);
  const file = await app.exchangeFile();
  network.isOn = true;

  expect(file.isWhole).toBe(true);
  await answersTo(here.school, file);
  await app.exchange();

  expect(here.school.attempts('Amina')).toHaveLength(1);
  expect(here.school.rows('Amina')).toHaveLength(2);
  expect(app.snapshot().waiting).toEqual({ immediate: 0, batched: 0, eventual: 0 });
});

test('every byte is counted, those of a lost exchange too', async () => {
  const app = await joined(here.phone);
  const before = app.snapshot().dataBytes;
  here.school.fates = ['reply is lost'];
  await app.exchange();
  const lost = app.snapshot().dataBytes;
  const { bytesUp, bytesDown } = await app.exchange();

  expect(lost - before).toBeGreaterThan(here.school.requests.at(-2)!.bytes);
  expect(app.snapshot().dataBytes - lost).toBeGreaterThan(bytesUp + bytesDown);
});

test('who asks while an exchange is under way gets its outcome, and what was finished meanwhile goes after it', async () => {
  const app = await joined(here.phone);
  const before = here.school.requests.length;
  here.school.onRequest = async () => {
    here.school.onRequest = async () => undefined;
    await sitExam(app);
  };

  const [one, two] = await Promise.all([app.exchange(), app.exchange()]);
  expect(one).toBe(two);
  await vi.advanceTimersByTimeAsync(3_000);
  await vi.waitUntil(() => app.snapshot().waiting.immediate === 0);

  expect(here.school.requests.length - before).toBe(2);
  expect(here.school.attempts('Amina')).toHaveLength(1);
});

test('a reply without end is read up to its bound, and nothing of it is kept', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'hello');
  const stream = { given: 0, isCancelled: false };
  const endless = () => new ReadableStream({
    pull: (to) => to.enqueue(new Uint8Array([1, ...new Uint8Array(65_535)])),
    cancel: () => void (stream.isCancelled = true),
  }, { size: () => ((stream.given += 65_536), 1) });
  for (const [status, problem] of [[200, 'update_needed'], [500, 'busy']] as const) {
    stream.isCancelled = false;
    vi.stubGlobal('fetch', async () => new Response(endless(), { status }));

    expect(await app.exchange()).toMatchObject({ ok: false, problem });

    expect(stream.isCancelled).toBe(true);
  }
  expect(stream.given).toBeLessThan(2 << 20);
  expect(app.snapshot().waiting.batched).toBe(1);
  plugIn(here.school);
});
