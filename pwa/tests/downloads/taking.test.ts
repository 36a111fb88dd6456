import { describe, expect, test, vi } from 'vitest';
import { inLanes } from '../../src/downloads/lanes.ts';
import { chosenOf } from '../../src/downloads/offers.ts';
import { planOf, type Offer } from '../../src/downloads/planning.ts';
import { Problem, type Quality } from '../../src/model.ts';
import { bytesFrom, pack, releaseKey, sha256 } from './course.ts';
import { counted, killed, once, origin, problem, sizeOf, start, taken, worker } from './phone.ts';

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

  test('is not done before what opens it is kept too, and goes on where that was cut', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    let cuts = 2;
    worker.keepsTools = async () => {
      expect(downloads.holding('water')).toMatchObject({ taken: 'taking' });
      if (cuts-- > 0) throw new Problem('offline');
    };

    await downloads.take(course.record, releaseKey);

    expect(cuts).toBe(-1);
    expect(downloads.holding('water')).toMatchObject({ taken: 'yes' });
  });

  test('waits for a network where what opens it does not come', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    worker.keepsTools = () => Promise.reject(new Problem('offline'));

    await expect(downloads.take(course.record, releaseKey)).rejects.toEqual(problem('offline'));
    expect(downloads.holding('water')).toMatchObject({ taken: 'paused', problem: 'offline' });
    worker.keepsTools = async () => undefined;
    await downloads.resume(() => releaseKey);

    expect(downloads.holding('water')).toMatchObject({ taken: 'yes' });
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

  test('in the moment of choosing stands, and nothing more is asked for', async () => {
    const course = pack();
    origin.publish(course);
    const said: (string | undefined)[] = [];
    const downloads = await start(() => said.push(downloads.holding('water')?.taken));
    const pause = once(() => downloads.pause('water'));
    const choose = (offers: readonly Offer[]) => (pause(), chosenOf(planOf(offers, 'best', { dataBytes: Infinity, freeBytes: Infinity, isSaving: false })));

    await downloads.take(course.record, releaseKey, choose);
    await pause.ended();

    expect(said.slice(said.indexOf('paused'))).not.toContain('taking');
    expect(downloads.holding('water')!.taken).toBe('paused');
    expect(origin.requests, 'its texts, before').toHaveLength(1);
  });

  test('in the moment before the first request stops that too', async () => {
    const asked: string[] = [];
    const bringing = inLanes(['picture', 'sound'], AbortSignal.abort('paused'), async (one) => void asked.push(one));

    await expect(bringing).rejects.toBe('paused');
    expect(asked).toEqual([]);
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

test('an object that is neither here nor to be had is not on this phone', async () => {
  const downloads = await start();

  await expect(downloads.object(sha256(bytesFrom('nothing', 1)))).rejects.toEqual(problem('not_on_phone'));
});
