import 'fake-indexeddb/auto';
import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Downloads } from '../../src/downloads/index.ts';
import { chosenOf } from '../../src/downloads/offers.ts';
import { planOf, type Offer } from '../../src/downloads/planning.ts';
import type { Quality } from '../../src/model.ts';
import { bytesFrom, pack, releaseKey, sha256, signed, strangersKey, type Packed } from './course.ts';
import { Origin } from './origin.ts';

let origin: Origin;
let page: EventTarget;
let open: Downloads[] = [];
let counted = 0;

const start = async (onChange: () => void = () => undefined): Promise<Downloads> => {
  const downloads = await Downloads.open({ onChange, onBytes: (count) => (counted += count) }, async () => undefined);
  open.push(downloads);
  return downloads;
};

/** The app is killed: nothing of it runs on, and it is opened again. */
const killed = async (downloads: Downloads): Promise<Downloads> => {
  downloads.close();
  return start();
};

/** The first of several calls; `ended` resolves with what it began. */
const once = (begin: () => Promise<void>) => {
  const begun = { isAsked: false, ended: Promise.resolve() };
  return Object.assign(() => {
    if (begun.isAsked) return;
    begun.isAsked = true; // before it calls back
    begun.ended = begin();
  }, { ended: () => begun.ended });
};

const problem = (code: string) => expect.objectContaining({ code });
const taken = ({ segments, names }: Packed) => [...segments['still']!, ...segments['opus']!, names['picture']!, names['handout']!];
const sizeOf = (packed: Packed, digests: readonly string[]) => digests.reduce((sum, digest) => sum + packed.objects.get(digest)!.length, 0);

beforeEach(async () => {
  page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('MediaSource', { isTypeSupported: (type: string) => !type.includes('av01') });
  let seconds = 0; // each look at the clock is a second later, so that all that happens is said
  vi.spyOn(performance, 'now').mockImplementation(() => 1_000 * ++seconds);
  origin = await Origin.start();
});

afterEach(async () => {
  for (const downloads of open) downloads.close();
  open = [];
  counted = 0;
  await origin.stop();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await deleteDB('tiffin-content');
});

describe('taking a course along', () => {
  test('stores its texts, its pictures, the smallest picture of its video and its opus sound', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();

    await downloads.take(course.record, releaseKey);

    const stored = await downloads.store.getAllKeys('objects');
    const wanted = [...taken(course), ...course.texts];
    expect(new Set(stored)).toEqual(new Set(wanted));
    expect(downloads.holding('water')).toMatchObject({ taken: 'yes', held: { number: 1 } });
    expect((await downloads.release('water'))!.lessons[0]!.activities).toHaveLength(6);
    expect(Buffer.from(await downloads.object(course.names['picture']!))).toEqual(course.objects.get(course.names['picture']!));
  });

  test('costs one pack, one range for each rendition, and not one byte twice', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();

    await downloads.take(course.record, releaseKey);

    expect(origin.requests.filter(({ path }) => path.endsWith('/update'))).toHaveLength(1);
    expect(origin.requests).toHaveLength(1 + 4); // the pack; the picture, the video, the sound, the handout
    const framing = course.texts.length * 34;
    expect(origin.servedBytes).toBeLessThanOrEqual(sizeOf(course, [...taken(course), ...course.texts]) + framing);
    expect(counted).toBe(origin.servedBytes);
  });

  test('takes the sound that the phone can play', async () => {
    vi.stubGlobal('MediaSource', { isTypeSupported: (type: string) => !type.includes('opus') });
    const course = pack();
    origin.publish(course);
    const downloads = await start();

    await downloads.take(course.record, releaseKey);

    expect(await downloads.has(course.segments['aac']![1]!)).toBe(true);
    expect(await downloads.has(course.segments['opus']![1]!)).toBe(false);
  });

  test('leaves what is supplementary online, where it can be read', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();

    await downloads.take(course.record, releaseKey);

    expect(await downloads.has(course.names['book']!)).toBe(false);
    expect(await downloads.has(course.names['extra']!)).toBe(true); // a text came with the pack and is paid for
    expect((await downloads.object(course.names['book']!)).length).toBe(90_000);
  });

  test('says how far it is in bytes, never back, up to the whole', async () => {
    const course = pack();
    origin.publish(course);
    const said: number[] = [];
    const downloads = await start(() => said.push(downloads.holding('water')?.storedBytes ?? 0));

    await downloads.take(course.record, releaseKey);

    expect(said).toEqual([...said].sort((a, b) => a - b));
    expect(said.at(-1)).toBe(downloads.holding('water')!.totalBytes);
    expect(new Set(said).size).toBeGreaterThan(8); // each segment shows
  });

  test('reads a lesson of more pages than a pack holds in memory, and manifests that are too large for it', async () => {
    const course = pack({ pages: 200, segmentBytes: Array.from({ length: 400 }, () => 300) });
    origin.publish(course);
    const downloads = await start();

    await downloads.take(course.record, releaseKey);

    expect(downloads.holding('water')!.taken).toBe('yes');
    expect(await downloads.has(course.segments['still']!.at(-1)!)).toBe(true);
  });
});

describe('what she chose', () => {
  const room = (dataBytes: number, freeBytes = Infinity) => ({ dataBytes, freeBytes, isSaving: false });
  const choosing = (quality: Quality, has = room(Infinity)) => (offers: readonly Offer[]) => chosenOf(planOf(offers, quality, has));

  test('comes in the picture that she chose, and not in the smallest first', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();

    await downloads.take(course.record, releaseKey, choosing('best'));

    expect(await downloads.has(course.segments['sharp']!.at(-1)!)).toBe(true);
    expect(await downloads.has(course.segments['still']![1]!)).toBe(false);
    expect(downloads.holding('water')).toMatchObject({ taken: 'yes' });
  });

  test('stays away where it costs more than she allows, and comes when she allows more, alone', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    await downloads.take(course.record, releaseKey, choosing('small', room(20_000)));
    expect(downloads.holding('water')).toMatchObject({ taken: 'yes', heldChosen: { later: ['lecture', 'sheet'] } });
    expect(await downloads.has(course.names['picture']!)).toBe(true);
    origin.requests.length = 0;

    await downloads.take(course.record, releaseKey, choosing('small', room(200_000)));

    expect(origin.servedBytes).toBe(sizeOf(course, [...course.segments['still']!, ...course.segments['opus']!]));
    expect(downloads.holding('water')).toMatchObject({ taken: 'yes', heldChosen: { later: ['sheet'] } });
  });

  test('is kept in mind when the app is killed half way', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    origin.lineBytes = 60_000;
    await downloads.take(course.record, releaseKey, choosing('best', room(230_000))).catch(() => undefined);
    origin.lineBytes = Infinity;
    const again = await killed(downloads);
    await again.resume(() => releaseKey);

    expect(again.holding('water')).toMatchObject({ taken: 'yes', heldChosen: { later: ['sheet'] } });
    expect(await again.has(course.segments['sharp']!.at(-1)!)).toBe(true);
    expect(await again.has(course.names['handout']!)).toBe(false);
  });

  test('and has no room for is said, while the rest opens', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();

    await downloads.take(course.record, releaseKey, choosing('small', room(Infinity, 20_000)));

    expect(downloads.holding('water')).toMatchObject({ taken: 'wrong', problem: 'phone_full', held: { number: 1 } });
    expect((await downloads.release('water'))!.root.number).toBe(1);
  });

  test('a better picture later replaces the smaller one, whose segments are freed', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    await downloads.take(course.record, releaseKey, choosing('small'));

    await downloads.take(course.record, releaseKey, choosing('best'));

    expect(await downloads.has(course.segments['sharp']!.at(-1)!)).toBe(true);
    expect(await downloads.has(course.segments['still']![1]!)).toBe(false);
  });

  test('comes with what is essential first, wherever it stands in the course', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    origin.onRequest = (path) => void (/small|update/.test(path) || (origin.lineBytes = 0));

    await downloads.take(course.record, releaseKey, choosing('small')).catch(() => undefined);

    expect(await downloads.has(course.names['picture']!)).toBe(true);
  });
});

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

describe('pausing', () => {
  test('ends at once and keeps what came; resuming after a kill leaves it paused', async () => {
    const course = pack();
    origin.publish(course);
    const pause = once(() => downloads.pause('water'));
    const downloads = await start(() => {
      if (downloads.holding('water')!.storedBytes > 30_000) pause();
    });

    await downloads.take(course.record, releaseKey);
    await pause.ended();
    const before = origin.requests.length;
    const again = await killed(downloads);
    await again.resume(() => releaseKey);

    expect(again.holding('water')!.taken).toBe('paused');
    expect(again.holding('water')!.storedBytes).toBeLessThan(again.holding('water')!.totalBytes);
    expect(origin.requests).toHaveLength(before);
  });

  test('on one tab ends what another tab takes', async () => {
    const course = pack();
    origin.publish(course);
    const tab = await start();
    const pause = once(() => other.pause('water'));
    const other = await start(() => {
      if ((other.holding('water')?.storedBytes ?? 0) > 700) pause();
    });

    await tab.take(course.record, releaseKey);
    await pause.ended();

    expect((await other.store.get('holdings', 'water'))!.taken).toBe('paused');
    expect(tab.holding('water')!.taken).toBe('paused');
    expect(await tab.has(course.names['handout']!)).toBe(false);
  });

  test('two tabs that take the same course fetch it once', async () => {
    const course = pack();
    origin.publish(course);
    const [tab, other] = [await start(), await start()];

    await Promise.all([tab.take(course.record, releaseKey), other.take(course.record, releaseKey)]);

    expect(origin.requests).toHaveLength(5);
    await vi.waitFor(() => expect(other.holding('water')!.taken).toBe('yes'));
  });
});

describe('what was not signed like this', () => {
  test('a release that a stranger signed is refused before a byte is fetched', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    const forged = { ...course.record, signature: signed(course.record.root, strangersKey) };

    await expect(downloads.take(forged, releaseKey)).rejects.toEqual(problem('tampered'));

    expect(origin.requests).toHaveLength(0);
    expect(downloads.holding('water')).toMatchObject({ taken: 'wrong', problem: 'tampered' });
  });

  test.each([['zz', 'zz'], ['../../../admin', 'ab'.repeat(64)], ['ab'.repeat(32), 'ab'.repeat(64)]])('a record that names %s is refused', async (root, signature) => {
    const downloads = await start();

    await expect(downloads.take({ ...pack().record, root, signature }, releaseKey)).rejects.toEqual(problem('tampered'));
  });

  test('a signed release of another course is refused', async () => {
    const other = pack({ course: 'fire' });
    origin.publish(other);
    const downloads = await start();

    await expect(downloads.take({ ...other.record, course: 'water' }, releaseKey)).rejects.toEqual(problem('tampered'));
  });

  test('a segment that was changed is asked for once more, then called tampered; none of it is stored', async () => {
    const course = pack();
    origin.publish(course);
    const video = [...course.objects].find(([digest, bytes]) => bytes.length === 65_700 && digest === sha256(bytes))![0];
    const changed = Buffer.from(course.objects.get(video)!);
    changed[30_000]! ^= 1; // in the second segment
    origin.objects.set(video, changed);
    const downloads = await start();

    await expect(downloads.take(course.record, releaseKey)).rejects.toEqual(problem('tampered'));

    expect(downloads.holding('water')).toMatchObject({ taken: 'wrong', problem: 'tampered' });
    expect(await downloads.has(course.segments['still']![1]!)).toBe(true);
    expect(await downloads.has(course.segments['still']![2]!)).toBe(false);
    expect(origin.paths().filter((path) => path.endsWith(video))).toHaveLength(2);
  });

  test('bytes that were wrong once, in a cache on the way, do no harm', async () => {
    const course = pack();
    origin.publish(course);
    const { handout } = course.names;
    origin.objects.set(handout!, Buffer.alloc(150_000));
    origin.onRequest = (path) => {
      const isAgain = origin.paths().some((before) => before.endsWith(handout!));
      if (path.endsWith(handout!) && isAgain) origin.objects.set(handout!, course.objects.get(handout!)!);
    };
    const downloads = await start();

    await downloads.take(course.record, releaseKey);

    expect(await downloads.has(handout!)).toBe(true);
    expect(await downloads.store.count('parts')).toBe(0);
  });

  test('a text that was changed in the store is called tampered', async () => {
    const course = pack();
    origin.publish(course);
    origin.objects.set(course.names['why']!, Buffer.from('<p>Drink it.</p>'));
    const downloads = await start();

    await expect(downloads.take(course.record, releaseKey)).rejects.toEqual(problem('tampered'));

    expect(await downloads.has(course.names['why']!)).toBe(false);
  });
});

describe('a newer release', () => {
  const both = () => {
    const [old, fresh] = [pack(), pack({ number: 2, page: 'Boil it for one minute.' })];
    origin.publish(old);
    origin.publish(fresh);
    return [old, fresh] as const;
  };

  test('fetches what changed, and frees what only the old one needed', async () => {
    const [old, fresh] = both();
    const downloads = await start();
    await downloads.take(old.record, releaseKey);
    origin.requests.length = 0;

    await downloads.take(fresh.record, releaseKey);

    const changed = fresh.texts.filter((digest) => !old.objects.has(digest));
    expect(origin.paths()).toEqual([`/v1/releases/${fresh.record.root}/update`]);
    expect(origin.servedBytes).toBeLessThanOrEqual(sizeOf(fresh, changed) + 3 * changed.length);
    expect(new Set(await downloads.store.getAllKeys('objects'))).toEqual(new Set([...taken(fresh), ...fresh.texts]));
    expect(downloads.holding('water')).toMatchObject({ taken: 'yes', held: { number: 2 } });
  });

  test('is measured before it is asked for', async () => {
    const old = pack(), fresh = pack({ number: 2, pictureBytes: 12_345 });
    origin.publish(old);
    origin.publish(fresh);
    const downloads = await start();
    await downloads.take(old.record, releaseKey);

    expect(await downloads.missingBytes(fresh.record, releaseKey)).toBe(12_345);
  });

  test('that is cut leaves the old one open, whole', async () => {
    const old = pack(), fresh = pack({ number: 2, segmentBytes: [20_000, 24_000, 21_000, 22_000] });
    origin.publish(old);
    origin.publish(fresh);
    const downloads = await start();
    await downloads.take(old.record, releaseKey);
    origin.lineBytes = 8_000;

    await expect(downloads.take(fresh.record, releaseKey)).rejects.toEqual(problem('offline'));

    const again = await killed(downloads);
    expect((await again.release('water'))!.root.number).toBe(1);
    for (const digest of [...taken(old), ...old.texts]) expect(await again.has(digest)).toBe(true);
  });
});

describe('removing', () => {
  test('frees what no other course needs, and keeps what they share', async () => {
    const water = pack(), fire = pack({ course: 'fire', page: 'Boil it.' });
    origin.publish(water);
    origin.publish(fire);
    const downloads = await start();
    await downloads.take(water.record, releaseKey);
    await downloads.take(fire.record, releaseKey);

    await downloads.remove('water');

    expect(downloads.holding('water')).toBeUndefined();
    expect(new Set(await downloads.store.getAllKeys('objects'))).toEqual(new Set([...taken(fire), ...fire.texts]));
    expect(await downloads.has(water.names['why']!)).toBe(true); // the same page stands in both
  });

  test('what is on its way ends it and leaves nothing', async () => {
    const course = pack();
    origin.publish(course);
    const remove = once(() => downloads.remove('water'));
    const downloads = await start(() => {
      if ((downloads.holding('water')?.storedBytes ?? 0) > 90_000) remove();
    });

    await downloads.take(course.record, releaseKey);
    await remove.ended();

    expect(downloads.holding('water')).toBeUndefined();
    expect(await downloads.store.count('objects') + await downloads.store.count('parts') + await downloads.store.count('holdings')).toBe(0);
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

test('an object that is neither here nor to be had is not on this phone', async () => {
  const downloads = await start();

  await expect(downloads.object(sha256(bytesFrom('nothing', 1)))).rejects.toEqual(problem('not_on_phone'));
});

describe('what an organisation withdraws', () => {
  test('a release after its last day is not taken', async () => {
    const course = pack({ expires: '2020-12-31' });
    origin.publish(course);
    const downloads = await start();

    await expect(downloads.take(course.record, releaseKey)).rejects.toEqual(problem('expired'));
  });

  test('a release below a newer one’s floor opens no more, though what it shares with that one is kept', async () => {
    const old = pack(), newer = pack({ number: 2, page: 'Boil it longer.', floor: 2 });
    origin.publish(old);
    origin.publish(newer);
    const downloads = await start();
    await downloads.take(old.record, releaseKey);
    expect((await downloads.release('water'))?.root.number).toBe(1);

    const missing = await downloads.missingBytes(newer.record, releaseKey);

    expect(await downloads.release('water')).toBeUndefined();
    expect(missing).toBe(0);
    await downloads.take(newer.record, releaseKey);
    expect((await downloads.release('water'))?.root.number).toBe(2);
  });

  test('a release that stays above the floor opens on', async () => {
    const old = pack(), newer = pack({ number: 2, page: 'Boil it longer.', floor: 1 });
    origin.publish(old);
    origin.publish(newer);
    const downloads = await start();
    await downloads.take(old.record, releaseKey);

    await downloads.missingBytes(newer.record, releaseKey);

    expect((await downloads.release('water'))?.root.number).toBe(1);
  });
});
