import { describe, expect, test, vi } from 'vitest';
import { pack, releaseKey, sha256, signed, strangersKey } from './course.ts';
import { origin, problem, start } from './phone.ts';

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

  test('a manifest that was changed into another of the right form is called tampered', async () => {
    const course = pack();
    origin.publish(course);
    const said = JSON.parse(String(course.objects.get(course.record.root))) as object;
    origin.objects.set(course.record.root, Buffer.from(JSON.stringify({ ...said, licence: 'somebody else’s' })));
    const downloads = await start();

    await expect(downloads.take(course.record, releaseKey)).rejects.toEqual(problem('tampered'));

    expect(await downloads.has(course.record.root)).toBe(false);
  });

  test('what is read online is checked like what is kept', async () => {
    const course = pack();
    origin.publish(course);
    const downloads = await start();
    await downloads.take(course.record, releaseKey);
    origin.objects.set(course.names['book']!, Buffer.alloc(90_000));

    await expect(downloads.object(course.names['book']!)).rejects.toEqual(problem('tampered'));
  });
});

describe('what an organisation withdraws', () => {
  test('a release after its last day is not taken', async () => {
    const course = pack({ expires: '2020-12-31' });
    origin.publish(course);
    const downloads = await start();

    await expect(downloads.take(course.record, releaseKey)).rejects.toEqual(problem('expired'));
  });

  test('on its last day it still is', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2027-06-30T23:59:00Z') });
    const course = pack({ expires: '2027-06-30' });
    origin.publish(course);
    const downloads = await start();

    await downloads.take(course.record, releaseKey).finally(() => vi.useRealTimers());

    expect(downloads.holding('water')).toMatchObject({ taken: 'yes' });
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
