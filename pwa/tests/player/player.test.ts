import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keepObjects } from '../../src/content/keeping.ts';
import type { Rendition, Stream } from '../../src/content/manifests.ts';
import { openContent, type ContentStore } from '../../src/content/store.ts';
import { attach } from '../../src/player/index.ts';
import type { Problem } from '../../src/model.ts';
import { element, init, segment, Source } from './media_source.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const digestOf = (bytes: Bytes) => createHash('sha256').update(bytes).digest('hex');
const files = new Map<string, Bytes>();

/** A rendition of so many ten-second segments; its file is at hand for the network. */
function rendition(codecs: string, count: number, bytes = 100): Rendition {
  const parts = [init(), ...Array.from({ length: count }, (_, at) => segment(at, bytes))];
  let end = 0;
  const stretches = parts.map((part) => [(end += part.length) - part.length, part.length, digestOf(part)] as const);
  const file = Uint8Array.from(parts.flatMap((part) => [...part]));
  files.set(digestOf(file), file);
  const segments = stretches.slice(1).map(([offset, length, digest]) => [offset, length, 10_000, digest] as const);
  return { name: codecs, codecs, object: digestOf(file), bytes: file.length, init: stretches[0]!, segments };
}

const lecture = (pictures = 12, sounds = pictures): Stream => ({
  format: 'tiffin-stream-1', duration_ms: pictures * 10_000, video: [rendition('avc1.42c00d', pictures)], audio: [rendition('opus', sounds)],
});

async function stored(count: number): Promise<void> {
  const kept = [init(), ...Array.from({ length: count }, (_, at) => segment(at))];
  await keepObjects(store, new Map(kept.map((bytes) => [digestOf(bytes), bytes])));
}

let store: ContentStore;
let page: EventTarget;
let asked: number;

const online = (change: (bytes: Bytes) => Bytes = (bytes) => bytes) =>
  vi.stubGlobal('fetch', async (path: string, { headers }: { headers: { Range: string } }) => {
    asked++;
    const [, start, last] = /bytes=(\d+)-(\d+)/.exec(headers.Range)!;
    return new Response(change(files.get(path.split('/').at(-1)!)!.slice(Number(start), Number(last) + 1)), { status: 206 });
  });

const shown = () => Source.made.at(-1)!;
const held = (at = 0) => [...shown().buffers[at]!.held.keys()].sort((a, b) => a - b);
const until = (check: () => void) => vi.waitFor(check, { interval: 1 });

function move(video: HTMLVideoElement, seconds: number): void {
  video.currentTime = seconds;
  video.dispatchEvent(new Event('seeking'));
}

beforeEach(async () => {
  asked = 0;
  store = await openContent();
  page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('MediaSource', Source);
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:lecture'); // Node's takes files alone
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('no network')));
});

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await deleteDB('tiffin-content');
});

describe('a lecture on the phone', () => {
  test('is fed with picture and sound for the next forty seconds, without a network', async () => {
    await stored(12);
    const { detach } = await attach(element(), lecture(), store);

    await until(() => expect([held(0), held(1)]).toEqual([[0, 1, 2, 3], [0, 1, 2, 3]]));
    expect(shown().buffers.map(({ type }) => type)).toEqual(['video/mp4; codecs="avc1.42c00d"', 'audio/mp4; codecs="opus"']);
    detach();
  });

  test('goes where she goes, first with what she sees', async () => {
    await stored(12);
    const video = element();
    const { detach } = await attach(video, lecture(), store);
    await until(() => expect(held(1)).toHaveLength(4));
    const before = shown().buffers[0]!.appended.length;

    move(video, 75);

    await until(() => expect(held()).toEqual([7, 8, 9, 10, 11]));
    expect(shown().buffers[0]!.appended.slice(before)).toEqual([7, 8, 9, 10, 11]);
    detach();
  });

  test('feeds each buffer at the last place of several quick moves', async () => {
    await stored(12);
    const video = element();
    const { detach } = await attach(video, lecture(), store);

    for (const seconds of [90, 10, 100, 0, 60]) {
      move(video, seconds);
      await new Promise(setImmediate);
    }

    await until(() => {
      for (const at of [0, 1]) expect(held(at)).toEqual(expect.arrayContaining([6, 7, 8, 9]));
    });
    detach();
  });

  test('feeds the picture at a new place although the sound of the old one was slow', async () => {
    await stored(12);
    const video = element();
    let arrive: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (arrive = resolve));
    online();
    const network = globalThis.fetch;
    vi.stubGlobal('fetch', async (...asked: Parameters<typeof fetch>) => slow.then(() => network(...asked)));
    const { detach } = await attach(video, { ...lecture(), audio: [rendition('opus', 12, 50)] }, store);
    await until(() => expect(held(0)).toEqual([0, 1, 2, 3]));

    move(video, 75); // while the sound is waited for
    arrive();

    await until(() => expect([held(0), held(1)]).toEqual([expect.arrayContaining([7, 8, 9, 10]), expect.arrayContaining([7, 8, 9, 10])]));
    detach();
  });

  test('comes to its end, also where its sound ends before its picture', async () => {
    await stored(12);
    const video = element();
    const { detach } = await attach(video, lecture(12, 11), store);

    move(video, 115);

    await until(() => expect(shown().readyState).toBe('ended'));
    move(video, 5);
    await until(() => expect(held()).toEqual(expect.arrayContaining([0, 1, 2, 3])));
    detach();
  });

  test('keeps half a minute behind her and drops what is older', async () => {
    await stored(12);
    const video = element();
    const { detach } = await attach(video, lecture(), store);
    await until(() => expect(held(1)).toHaveLength(4));

    for (const seconds of [15, 35, 55, 75]) {
      move(video, seconds);
      await until(() => expect(held(1)).toContain(Math.floor(seconds / 10) + 3));
    }

    expect(Math.min(...held())).toBeGreaterThanOrEqual(2);
    detach();
  });

  test('plays on where the browser has little room', async () => {
    await stored(12);
    const video = element();
    const attaching = attach(video, lecture(), store);
    shown().bytesMax = 450; // four segments
    const { detach } = await attaching;
    await until(() => expect(held(1)).toHaveLength(4));

    move(video, 25);

    await until(() => expect(held()).toContain(5));
    detach();
  });

  test('is fed anew with what the browser threw out', async () => {
    await stored(12);
    const video = element();
    const { detach } = await attach(video, lecture(), store);
    await until(() => expect(held(1)).toHaveLength(4));
    shown().buffers[0]!.held.clear();

    video.dispatchEvent(new Event('waiting'));

    await until(() => expect(held()).toEqual([0, 1, 2, 3]));
    detach();
  });

  test('is not fed any more once it is detached', async () => {
    await stored(12);
    const video = element();
    const { detach } = await attach(video, lecture(), store);
    await until(() => expect(held(1)).toHaveLength(4));
    const before = shown().buffers[0]!.appended.length;

    detach();
    move(video, 80);
    await new Promise(setImmediate);

    expect(shown().buffers[0]!.appended).toHaveLength(before);
  });
});

describe('what is not on the phone', () => {
  const problems = (video: HTMLVideoElement) => {
    const told: string[] = [];
    video.addEventListener('problem', (event) => told.push((event as CustomEvent<Problem>).detail.code));
    return told;
  };

  test('comes from the network by range, and only what is missing', async () => {
    await stored(2);
    online();
    const { detach } = await attach(element(), lecture(), store);

    await until(() => expect(held(1)).toEqual([0, 1, 2, 3]));
    expect(asked).toBe(4); // two segments of picture, two of sound
    detach();
  });

  test('is told without a network, and goes on when there is one', async () => {
    await stored(2);
    const video = element();
    const told = problems(video);
    const { detach } = await attach(video, lecture(), store);
    await until(() => expect(told).toContain('not_on_phone'));

    online();
    page.dispatchEvent(new Event('online'));

    await until(() => expect(held()).toEqual([0, 1, 2, 3]));
    detach();
  });

  test('and was changed on its way is never played', async () => {
    await stored(2);
    online((bytes) => bytes.fill(9));
    const video = element();
    const told = problems(video);
    const { detach } = await attach(video, lecture(), store);

    await until(() => expect(told).toContain('tampered'));
    expect(held()).toEqual([0, 1]);
    detach();
  });

  test('at all is told at once', async () => {
    await expect(attach(element(), lecture(), store)).rejects.toEqual(expect.objectContaining({ code: 'not_on_phone' }));
  });
});

test('a browser that plays no segments says so', async () => {
  vi.stubGlobal('MediaSource', undefined);

  await expect(attach(element(), lecture(), store)).rejects.toEqual(expect.objectContaining({ code: 'unknown' }));
});

test('an iPhone, which has the managed source alone, plays too', async () => {
  await stored(12);
  vi.stubGlobal('MediaSource', undefined);
  vi.stubGlobal('ManagedMediaSource', Source);
  const video = element();

  const { detach } = await attach(video, lecture(), store);

  await until(() => expect(held()).toEqual([0, 1, 2, 3]));
  expect(video.disableRemotePlayback).toBe(true);
  detach();
});
