/** Photographs that answer a question: kept with the draft, sealed by name, brought in pieces after the attempt. */

import { createHash } from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Tiffin } from '../../src/model.ts';
import { COURSE, network } from './phone.ts';
import { joined, setting } from './setting.ts';

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
