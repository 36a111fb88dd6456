import { describe, expect, test, vi } from 'vitest';
import { pack, releaseKey } from './course.ts';
import { killed, origin, page, problem, sizeOf, start, taken } from './phone.ts';

describe('a cut', () => {
  test('at any byte is gone on from, and wastes one segment at most', async () => {
    const course = pack();
    origin.publish(course);
    const whole = sizeOf(course, [...taken(course), ...course.texts]) + course.texts.length * 34;
    const waste: number[] = [];
    for (let cut = 1; cut < whole; cut += 6_007) {
      const downloads = await start();
      origin.requests.length = 0;
      origin.lineBytes = cut;
      await downloads.take(course.record, releaseKey).catch(() => undefined);
      origin.lineBytes = Infinity;
      const again = await killed(downloads);
      await again.resume(() => releaseKey);

      expect(again.holding('water'), `cut at ${cut}`).toMatchObject({ taken: 'yes', storedBytes: again.holding('water')!.totalBytes });
      waste.push(origin.servedBytes - whole);
      await again.remove('water');
      again.close();
    }
    expect(Math.max(...waste)).toBeLessThanOrEqual(64 << 10); // what Node reads of a socket at once, and drops at its end
  });

  test('is gone on from behind the very last byte that came', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    const network = globalThis.fetch;
    let cut = '';
    vi.stubGlobal('fetch', async (path: string, options: RequestInit) => {
      const reply = await network(path, options);
      if (cut || !path.startsWith('/v1/objects/')) return reply;
      cut = path;
      const came = [new Uint8Array(await reply.arrayBuffer()).slice(0, 10_001)];
      const body = new ReadableStream({ pull: (stream) => (came.length ? stream.enqueue(came.pop()) : stream.error(new TypeError('cut'))) });
      return new Response(body, { status: reply.status, headers: reply.headers });
    });

    await downloads.take(course.record, releaseKey);

    const starts = origin.requests.filter(({ path }) => path === cut).map(({ range }) => Number(/\d+/.exec(range!)![0]));
    expect(starts).toEqual([starts[0]!, starts[0]! + 10_001]);
  });

  test('is gone on from at once, as long as each attempt brings something', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    origin.onRequest = () => (origin.lineBytes = 70_000); // each connection is dropped after that much

    await downloads.take(course.record, releaseKey);

    expect(downloads.holding('water')!.taken).toBe('yes');
    expect(origin.requests.length).toBeGreaterThan(5);
  });

  test('of an update is gone on from behind the last text that came, in one request', async () => {
    const course = pack({ pages: 60 });
    origin.publish(course);
    const downloads = await start();
    origin.lineBytes = 100_000;
    origin.onRequest = (path) => void (origin.requests.length && path.endsWith('/update') && (origin.lineBytes = Infinity));

    await downloads.take(course.record, releaseKey);

    const updates = origin.requests.filter(({ path }) => path.endsWith('/update'));
    expect(updates).toHaveLength(2);
    expect(origin.requests).toHaveLength(2 + 4);
    expect(updates[0]!.bytes + updates[1]!.bytes).toBeLessThan(sizeOf(course, course.texts) + (64 << 10));
  });

  test('without a network pauses, says so, and keeps what came', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    origin.lineBytes = 40_000;

    await expect(downloads.take(course.record, releaseKey)).rejects.toEqual(problem('offline'));

    expect(downloads.holding('water')).toMatchObject({ taken: 'paused', problem: 'offline' });
    expect(downloads.holding('water')!.storedBytes).toBeGreaterThan(20_000);
  });

  test('is gone on from by itself when the network is back', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    await downloads.resume(() => releaseKey);
    origin.lineBytes = 40_000;
    await downloads.take(course.record, releaseKey).catch(() => undefined);
    origin.lineBytes = Infinity;

    page.dispatchEvent(new Event('online'));

    await vi.waitFor(() => expect(downloads.holding('water')!.taken).toBe('yes'));
  });

  test('of a server that knows no ranges still ends whole', async () => {
    const course = pack();
    origin.publish(course);
    origin.ranges = false;
    const downloads = await start();
    origin.lineBytes = 60_000;
    await downloads.take(course.record, releaseKey).catch(() => undefined);
    origin.lineBytes = Infinity;

    await downloads.take(course.record, releaseKey);

    expect(downloads.holding('water')!.taken).toBe('yes');
  });
});

describe('storage', () => {
  test('that is full says so, and goes on where it was once there is room', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    const put = IDBObjectStore.prototype.put;
    let room = 60_000;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: unknown, ...key: [IDBValidKey?]) {
      if (value instanceof Uint8Array && (room -= value.length) < 0) throw new DOMException('no room', 'QuotaExceededError');
      return put.call(this, value, ...key);
    });

    await expect(downloads.take(course.record, releaseKey)).rejects.toEqual(problem('phone_full'));
    expect(downloads.holding('water')).toMatchObject({ taken: 'wrong', problem: 'phone_full' });
    const before = await downloads.store.count('objects');
    vi.restoreAllMocks();
    await downloads.take(course.record, releaseKey);

    expect(before).toBeGreaterThan(0);
    expect(downloads.holding('water')!.taken).toBe('yes');
  });

  test('that the browser threw away in part is noticed at the next start, and mended by what is missing alone', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    await downloads.take(course.record, releaseKey);
    const lost = course.segments['still']![2]!;
    await downloads.store.delete('objects', lost);
    origin.requests.length = 0;

    const again = await killed(downloads);

    expect(again.holding('water')).toMatchObject({ taken: 'wrong', problem: 'storage_lost' });
    await again.take(course.record, releaseKey);
    expect(again.holding('water')!.taken).toBe('yes');
    expect(origin.servedBytes).toBe(24_000);
  });

  test('that lost the release itself holds none', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    await downloads.take(course.record, releaseKey);
    await downloads.store.delete('objects', course.record.root);

    const again = await killed(downloads);

    expect(again.holding('water')).toMatchObject({ taken: 'wrong', problem: 'storage_lost', storedBytes: 0 });
    expect(await again.release('water')).toBeUndefined();
  });

  test('goes on with the rendition that was begun when the browser learns to play a smaller one', async () => {
    vi.stubGlobal('MediaSource', { isTypeSupported: (type: string) => !type.includes('42c00d') });
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    await downloads.take(course.record, releaseKey);
    vi.stubGlobal('MediaSource', { isTypeSupported: () => true });

    const again = await killed(downloads);

    expect(again.holding('water')!.taken).toBe('yes');
    expect(await again.has(course.segments['sharp']![1]!)).toBe(true);
  });
});
