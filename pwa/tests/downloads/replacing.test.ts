import { describe, expect, test } from 'vitest';
import { settle } from '../../src/content/keeping.ts';
import { pack, releaseKey } from './course.ts';
import { killed, once, origin, problem, sizeOf, start, taken } from './phone.ts';

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

test('what is held is not replaced by a release of which a piece went away', async () => {
  const old = pack(), fresh = pack({ number: 2 });
  origin.publish(old);
  const downloads = await start();
  await downloads.take(old.record, releaseKey);
  const gone = 'ab'.repeat(32);
  const next = { ...downloads.holding('water')!, held: fresh.record };

  expect(await settle(downloads.store, next, [{ digest: gone, object: gone, offset: 0, length: 1 }], () => true)).toBe(false);

  expect((await downloads.store.get('holdings', 'water'))!.held).toEqual(old.record);
  expect(new Set(await downloads.store.getAllKeys('objects'))).toEqual(new Set([...taken(old), ...old.texts]));
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
