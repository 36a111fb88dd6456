/** Photographs that answer a question: kept with the draft, sealed by name, brought in pieces after the attempt. */

import { createHash } from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { join } from '../../src/codec/index.ts';
import { openDevice } from '../../src/core/phone/device.ts';
import { picturesToFile } from '../../src/core/study/pictures_filed.ts';
import { Work } from '../../src/core/study/work.ts';
import type { Tiffin } from '../../src/model.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { COURSE, network } from './phone.ts';
import { joined, setting } from './setting.ts';
import { answersTo, partsOf, replyFile } from './trainer.ts';

const here = setting();
/** A browser's canvas, that makes `size` bytes of what is drawn at the first quality, and less at the next ones. */
const camera = { size: 70_000 };

beforeEach(() => {
  camera.size = 70_000;
  vi.stubGlobal('createImageBitmap', async (file: Blob) => {
    if (!file.type.startsWith('image/')) throw new DOMException('no picture', 'InvalidStateError');
    return { width: 4_000, height: 3_000, close: () => undefined };
  });
  vi.stubGlobal('document', { ...document, createElement: () => canvas() });
});

function canvas() {
  const made = { width: 0, height: 0, getContext: () => ({ fillRect: () => undefined, drawImage: () => undefined }), toBlob };
  function toBlob(done: (blob: Blob) => void, type: string, quality: number): void {
    const bytes = new Uint8Array(Math.round(camera.size * (quality / 0.8) * (made.width / 1280) ** 2));
    for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 7919) >> 3;
    done(new Blob([bytes], { type }));
  }
  return made;
}

const photograph = new Blob(['pixels'], { type: 'image/jpeg' });
const sha256 = async (blob: Blob | undefined) => createHash('sha256').update(new Uint8Array(await blob!.arrayBuffer())).digest('hex');
const pictures = async (app: Tiffin) => (await app.quiz(COURSE, 'exam')).pictures;

async function answered(app: Tiffin): Promise<string> {
  await app.opened(COURSE, 'exam');
  const name = await (await pictures(app)).keep(photograph);
  await app.answer(COURSE, 'exam', 'q1', name);
  return name;
}

/** Until nothing of a photograph is under way any more. */
const quiet = (app: Tiffin) => vi.waitUntil(() => app.snapshot().waiting.batched === 0 && !app.snapshot().sending);

test('a photograph is made small, stands after the app was closed, and is named by what it is', async () => {
  camera.size = 600_000;
  const name = await answered(await joined(here.phone));

  const again = await here.phone.start();
  const kept = await (await pictures(again)).read(name);

  expect(kept!.size).toBeLessThanOrEqual(150_000);
  expect(kept!.size).toBeGreaterThan(100_000);
  expect(await sha256(kept)).toBe(name);
  expect((await again.quiz(COURSE, 'exam')).draft['q1']).toBe(name);
});

test('what is no picture is said to be none, and the draft stays as it was', async () => {
  const app = await joined(here.phone);
  const name = await answered(app);

  await expect((await pictures(app)).keep(new Blob(['MZ'], { type: 'application/x-msdownload' }))).rejects.toThrow('no picture');

  expect((await app.quiz(COURSE, 'exam')).draft['q1']).toBe(name);
});

test('one that was taken again replaces the other; a sealed one is never let go of', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  const sealed = await answered(app);
  await app.handIn(COURSE, 'exam');
  camera.size = 60_000;
  const first = await answered(app);
  camera.size = 50_000;
  await app.answer(COURSE, 'exam', 'q1', '');
  await answered(app);

  const { read } = await pictures(app);

  expect(await read(first)).toBeUndefined();
  expect(await read(sealed)).toBeDefined();
});

test('the attempt goes first; its photograph follows in pieces, and is waited for by nobody', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  const name = await answered(app);
  await app.handIn(COURSE, 'exam');
  expect(app.snapshot().waiting).toMatchObject({ immediate: 1, batched: 1 });
  expect((await pictures(app)).waiting).toBe(1);
  network.isOn = true;

  await app.exchange();
  expect(app.snapshot().waiting.immediate).toBe(0);
  await quiet(app);

  expect(here.school.attempts('Amina')).toMatchObject([{ answers: { q1: name } }]);
  expect(here.school.pieces).toEqual([32_768, 32_768, 70_000 - 65_536]);
  expect(createHash('sha256').update(here.school.pictures.get(name)!).digest('hex')).toBe(name);
});

test('after a cut it goes on with the piece that was cut, even when the app was killed', async () => {
  const app = await joined(here.phone);
  network.isOn = false;
  await answered(app);
  await app.handIn(COURSE, 'exam');
  network.isOn = true;
  here.school.fates = ['arrives', 'arrives', 'reply is lost'];
  await app.exchange();
  await vi.waitUntil(() => here.school.pieces.length === 2);
  network.isOn = false;
  const again = await here.phone.start();
  network.isOn = true;

  await again.exchange();
  await quiet(again);

  expect(here.school.pieces.reduce((sum, bytes) => sum + bytes), 'one piece came twice').toBe(70_000 + 32_768);
});

test('a server that was set back is brought it again, until a trainer has graded it', async () => {
  here.school.gradesAre = 'review';
  const app = await joined(here.phone);
  const before = here.school.copy();
  const name = await answered(app);
  await app.handIn(COURSE, 'exam');
  await app.exchange();
  await quiet(app);
  here.school.restore(before);
  here.school.pictures.clear();

  await app.exchange();
  await vi.waitUntil(() => here.school.pictures.get(name)?.length === 70_000);
  expect(await (await pictures(app)).read(name)).toBeDefined();
  const { submission } = (await here.phone.rows('grades'))[0] as { submission: string };
  here.school.announce('Amina', 16, { submission, course: COURSE, activity: 'exam', number: 1, state: 'graded', score: 1, max: 1, passed: true, points: [1], feedback: {} });
  await app.exchange();

  await vi.waitUntil(async () => (await (await pictures(app)).read(name)) === undefined);
});

/** A phone without a network, with an attempt that is answered with a photograph. */
async function offline(): Promise<[app: Tiffin, name: string]> {
  const app = await joined(here.phone);
  network.isOn = false;
  const name = await answered(app);
  await app.handIn(COURSE, 'exam');
  return [app, name];
}

test('a photograph goes home in a file, whole, and what comes back says that it is there', async () => {
  here.school.gradesAre = 'review';
  const [app, name] = await offline();

  const file = await app.exchangeFile();
  const answers = await answersTo(here.school, file);
  expect(createHash('sha256').update(here.school.pictures.get(name)!).digest('hex')).toBe(name);
  expect(app.snapshot().waiting.batched, 'nobody has told the phone').toBe(1);

  expect(file.isWhole).toBe(true);
  expect(await app.takeReplies(replyFile(answers))).toBe(2);
  expect(await app.takeReplies(replyFile(answers))).toBe(0);
  expect(app.snapshot().waiting).toMatchObject({ immediate: 0, batched: 0 });
  expect(await sha256(await (await pictures(app)).read(name)), 'kept until it is graded').toBe(name);
  expect(await partsOf(await app.exchangeFile())).toHaveLength(1);
});

test('one that came before its answers, or to another life of the log, is in the next file again', async () => {
  const [app, name] = await offline();
  const [request, picture] = await partsOf(await app.exchangeFile());
  const told = (epoch: string, state: string) => replyFile([join([[...here.school.devices.keys()].flatMap((id) => [...Buffer.from(id, 'hex')]), [1], Buffer.from(name, 'hex'), [2], Buffer.from(epoch), Buffer.from(state)])]);

  for (const word of [told('epoch--1', 'not_found'), told('epoch--1', 'coming'), told('epoch--2', 'kept'), told('short', '')]) expect(await app.takeReplies(word)).toBe(0);

  const again = await partsOf(await app.exchangeFile());
  expect(again.map((part) => part.length)).toEqual([request!.length, picture!.length]);
});

/** Photographs that wait on the disk as if they had been sealed; gives their names. */
async function waiting(sizes: readonly number[], profile = 1): Promise<string[]> {
  const photos = sizes.map((size, at) => new Uint8Array(size).fill(at));
  const names = photos.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  await here.phone.fill('settings', photos.map((bytes) => ({ course: COURSE, activity: 'exam', bytes, type: 'image/webp' })), names.map((name) => `photo/${profile}/${name}`));
  await here.phone.fill('settings', names.map(() => ({ course: COURSE, activity: 'exam', at: 0 })), names.map((name) => `unsent/${profile}/${name}`));
  return names;
}

test('what a file has no room for is said', async () => {
  const app = await joined(here.phone);
  await waiting([17 << 20]);

  const file = await app.exchangeFile();

  expect(file.isWhole).toBe(false);
  expect(file.works, 'it is not counted').toMatchObject([{ learner: 'Amina', filed: { batched: 0 }, isWhole: true }]);
  expect(await partsOf(file)).toHaveLength(1);
});

test('what one file had no room for comes first in the next, whoever took it', async () => {
  const app = await joined(here.phone);
  await app.join('BADR');
  const names = [...(await waiting([1_000, 1_000])), ...(await waiting([1_001, 1_001], 2))];
  const database = await openDatabase();
  const works = [await Work.open(database, 1), await Work.open(database, 2)], device = await openDevice(database);

  const filed = async () => {
    const { parts, left } = await picturesToFile(works, device, 2_500, 12);
    return { names: parts.map((part) => Buffer.from(part.subarray(83, 115)).toString('hex')), left };
  };
  const [first, second] = [await filed(), await filed()];

  expect([first.left, second.left]).toEqual([[2, 2], [1, 1]]);
  expect([...first.names, ...second.names].sort()).toEqual(names.sort());
});
