import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { unwrap } from 'idb';
import { beforeEach, expect, test } from 'vitest';
import { alone, keepSetting, openDatabase, write, type Database } from '../../src/storage/database.ts';

let database: Database;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  database = await openDatabase();
});

test('a write that fails half way has written nothing', async () => {
  const failing = write(database, ['settings'], async (change) => {
    await change.objectStore('settings').put(1, 'first');
    throw new Error('in the middle');
  });

  await expect(failing).rejects.toThrow('in the middle');
  expect(await database.getAll('settings')).toEqual([]);
});

test('a full disk is said as such, also when only the transaction knows why', async () => {
  const failing = write(database, ['settings'], async (change) => {
    const put = change.objectStore('settings').put(1, 'first');
    (unwrap(change) as unknown as { _abort(name: string): void })._abort('QuotaExceededError');
    await put;
  });

  await expect(failing).rejects.toMatchObject({ code: 'phone_full' });
  await keepSetting(database, 'first', 2);
  expect(await database.get('settings', 'first')).toBe(2);
});

test('changes that wait are found without reading the others', async () => {
  const change = { profile: 1, course: 'water', kind: 2, hash: '', body: new Uint8Array() };
  await write(database, ['changes'], async (writing) => {
    await writing.objectStore('changes').add(change);
    await writing.objectStore('changes').add({ ...change, waiting: 1 });
    await writing.objectStore('changes').add({ ...change, profile: 2, waiting: 2 });
  });

  expect(await database.getAllKeysFromIndex('changes', 'waiting', 1)).toEqual([2]);
});

test('a later version of the app is not held up by a tab of this one', async () => {
  const { openDB } = await import('idb');

  const later = await openDB('tiffin', 2);

  expect(later.version).toBe(2);
});

test('one at a time, in order, also after one has failed', async () => {
  const ran: string[] = [];
  const slow = alone('a', async () => {
    await new Promise(setImmediate);
    ran.push('slow');
    throw new Error('failed');
  });
  const next = alone('a', async () => void ran.push('next'));
  const other = alone('b', async () => void ran.push('other'));

  await expect(slow).rejects.toThrow('failed');
  await Promise.all([next, other]);

  expect(ran).toEqual(['other', 'slow', 'next']);
});
