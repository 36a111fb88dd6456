import 'fake-indexeddb/auto';
import { deleteDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { takeCard, type Taker } from '../../src/downloads/card/taking.ts';
import { Downloads } from '../../src/downloads/index.ts';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { pack, releaseKey, sha256, signed, strangersKey, type Packed } from './course.ts';

let database: Database;
let downloads: Downloads;
let asked = 0;

const zeros = (length: number) => Buffer.alloc(length);
const two = (value: number) => Buffer.from([value & 255, value >> 8]);
const four = (value: number) => Buffer.concat([two(value & 0xffff), two(value >>> 16)]);

type Entry = readonly [digest: string, bytes: Buffer];

/** The objects of a card in their order: all texts first. */
function objectsOn(courses: readonly Packed[]): Entry[] {
  const texts = courses.flatMap(({ texts, objects }) => texts.map((digest): Entry => [digest, objects.get(digest)!]));
  return [...new Map([...texts, ...courses.flatMap(({ objects }) => [...objects])])];
}

/** A file of a card as the server writes it, its checksums left out: nobody reads them. */
function fileOf(courses: readonly Packed[], objects: readonly Entry[], part = 1, parts = 1): File {
  const releases = courses.map(({ record }) => record);
  const index = Buffer.from(JSON.stringify({ format: 'tiffin-card-1', keys: [], part, parts, releases }));
  const files = [['card.json', index] as const, ...objects.map(([digest, bytes]) => [`objects/${digest.slice(0, 2)}/${digest}`, bytes] as const)];
  const written: Buffer[] = [], directory: Buffer[] = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const said = Buffer.concat([two(10), zeros(6), two(33), zeros(4), four(bytes.length), four(bytes.length), two(name.length)]);
    const local = Buffer.concat([four(0x04034b50), said, zeros(2), Buffer.from(name)]);
    directory.push(Buffer.concat([four(0x02014b50), two(10), said, zeros(12), four(at), Buffer.from(name)]));
    written.push(local, bytes);
    at += local.length + bytes.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.concat([four(0x06054b50), zeros(4), two(files.length), two(files.length), four(central.length), four(at), zeros(2)]);
  const bytes = [...written, central, end].map((part) => new Uint8Array(part));
  return new File(bytes, part > 1 ? `card-${part}.zip` : 'card.zip');
}

const card = (courses: readonly Packed[]): File => fileOf(courses, objectsOn(courses));

/** The same in three files. */
function threeFiles(course: Packed): File[] {
  const objects = objectsOn([course]), third = Math.ceil(objects.length / 3);
  return [1, 2, 3].map((part) => fileOf([course], objects.slice((part - 1) * third, part * third), part, 3));
}

const taker = (): Taker => ({
  database,
  profile: 1,
  downloads,
  trusted: { releaseKey },
  trust: () => Promise.reject(new Error('no new key was told')),
  bring: (release, key, source) => downloads.take(release, key, undefined, source),
});
const take = (file: File, also: readonly string[] = []) => takeCard([file], also, taker());
const enrol = (course: string, on = true) => {
  const release = { ...pack({ course }).record, title: {}, description: {}, languages: [], bytes: {} };
  return database.put('courses', { profile: 1, course, on, release });
};

beforeEach(async () => {
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('MediaSource', { isTypeSupported: () => true });
  vi.stubGlobal('fetch', () => (asked++, Promise.reject(new TypeError('no network'))));
  asked = 0;
  database = await openDatabase();
  await enrol('water');
  downloads = await Downloads.open({ onChange: () => undefined, onBytes: () => undefined, toolsKept: async () => undefined }, async () => undefined);
});

afterEach(async () => {
  downloads.close();
  database.close();
  await deleteDB('tiffin');
  vi.unstubAllGlobals();
  await deleteDB('tiffin-content');
});

describe('a card', () => {
  test('brings a course whole without a network, and only what is taken along', async () => {
    const course = pack();

    expect(await take(card([course]))).toMatchObject({ courses: [{ id: 'water', isOlder: false, problem: undefined }], others: 0, isCut: false });

    expect(downloads.holding('water')).toMatchObject({ taken: 'yes', held: { number: 1 } });
    expect(await downloads.has(course.segments['opus']!.at(-1)!)).toBe(true);
    expect(await downloads.has(course.names['book']!)).toBe(false);
    expect(asked).toBe(0);
  });

  test('that was cut short yields what is whole, and the phone says how much is missing', async () => {
    const course = pack();
    const whole = card([course]);

    const taken = await take(new File([whole.slice(0, whole.size >> 1)], 'card.zip'));

    expect(taken).toMatchObject({ isCut: true, courses: [{ problem: 'offline' }] });
    const { storedBytes, totalBytes, taken: state } = downloads.holding('water')!;
    expect(state).toBe('paused');
    expect(storedBytes).toBeGreaterThan(10_000);
    expect(storedBytes).toBeLessThan(totalBytes);
    expect((await downloads.release('water'))!.root.number).toBe(1);
    expect(asked).toBe(0);
    await take(whole);
    expect(downloads.holding('water')).toMatchObject({ taken: 'yes' });
  });

  test('of a stranger brings nothing', async () => {
    const course = pack();
    const forged = { ...course, record: { ...course.record, signature: signed(course.record.root, strangersKey) } };

    expect(await take(card([forged]))).toMatchObject({ courses: [{ problem: 'tampered' }] });

    expect(downloads.holding('water')).toBeUndefined();
    expect(await downloads.store.count('objects')).toBe(0);
  });

  test('with a key that nobody vouches for brings nothing', async () => {
    const course = pack();

    expect(await take(card([{ ...course, record: { ...course.record, key: 'ab'.repeat(8) } }]))).toMatchObject({ courses: [{ problem: 'tampered' }] });

    expect(await downloads.store.count('objects')).toBe(0);
  });

  test('whose picture was changed lacks that picture alone', async () => {
    const course = pack();
    const { picture } = course.names;
    const objects = new Map(course.objects).set(picture!, Buffer.alloc(9_000));

    expect(await take(card([{ ...course, objects }]))).toMatchObject({ courses: [{ problem: 'offline' }] });

    const { storedBytes, totalBytes } = downloads.holding('water')!;
    expect(totalBytes - storedBytes).toBe(9_000);
    expect(await downloads.has(picture!)).toBe(false);
    expect(await downloads.has(sha256(Buffer.alloc(9_000)))).toBe(false);
  });

  test('whose manifest was changed into another of the right form brings nothing', async () => {
    const course = pack();
    const { root } = course.record;
    const said = JSON.parse(String(course.objects.get(root))) as object;
    const objects = new Map(course.objects).set(root, Buffer.from(JSON.stringify({ ...said, licence: 'somebody else’s' })));

    expect(await take(card([{ ...course, objects }]))).toMatchObject({ courses: [{ problem: 'tampered' }] });

    expect(await downloads.store.count('objects')).toBe(0);
  });

  test('never takes her back to an older release', async () => {
    await take(card([pack({ number: 2 })]));

    expect(await take(card([pack({ number: 1 })]))).toMatchObject({ courses: [{ id: 'water', isOlder: true }] });

    expect(downloads.holding('water')).toMatchObject({ taken: 'yes', held: { number: 2 } });
  });

  test('gives of several courses hers, in the newest release', async () => {
    const taken = await take(card([pack(), pack({ number: 3 }), pack({ course: 'fire' })]));

    expect(taken).toMatchObject({ courses: [{ id: 'water' }], offered: [{ id: 'fire', title: { en: 'fire' } }], others: 0 });
    expect(downloads.holding('water')).toMatchObject({ held: { number: 3 } });
    expect(downloads.holding('fire')).toBeUndefined();
  });

  test('gives a course that she was not put on, as far as this phone knows, when she wants it', async () => {
    const fire = pack({ course: 'fire' });

    expect(await take(card([fire]), ['fire'])).toMatchObject({ courses: [{ id: 'fire', isNew: true, problem: undefined }], offered: [] });

    expect(downloads.holding('fire')).toMatchObject({ taken: 'yes' });
    expect(await database.get('courses', [1, 'fire'])).toMatchObject({ on: true, release: { number: 1, title: { en: 'fire' }, languages: ['en'] } });
  });

  test('offers nothing that a stranger signed, and nothing that she was taken off', async () => {
    const [fire, forged] = [pack({ course: 'fire' }), pack({ course: 'earth' })];
    await enrol('fire', false);
    const strange = { ...forged, record: { ...forged.record, signature: signed(forged.record.root, strangersKey) } };

    expect(await take(card([fire, strange]), ['fire', 'earth'])).toMatchObject({ courses: [], offered: [], others: 2 });

    expect(await downloads.store.count('objects')).toBe(0);
  });

  test('of three files is one, in whatever order they were picked', async () => {
    const files = threeFiles(pack());

    expect(await takeCard([...files].reverse(), [], taker())).toMatchObject({ courses: [{ problem: undefined }], absentFiles: [] });

    expect(downloads.holding('water')).toMatchObject({ taken: 'yes' });
  });

  test('whose middle file is not here says which one, keeps what is whole, and lacks nothing once it is', async () => {
    const files = threeFiles(pack());
    const [first, , last] = files as [File, File, File];

    expect(await takeCard([last, first], [], taker())).toMatchObject({ courses: [{ problem: 'offline' }], absentFiles: ['card-2.zip'] });

    expect(downloads.holding('water')).toMatchObject({ taken: 'paused' });
    expect(await downloads.store.count('objects')).toBeGreaterThan(2);
    await takeCard(files, [], taker());
    expect(downloads.holding('water')).toMatchObject({ taken: 'yes' });
  });

  test('that is a photograph is said to be none', async () => {
    await expect(take(new File(['not a card at all'], 'holiday.jpg'))).rejects.toMatchObject({ code: 'tampered' });
  });
});
