import 'fake-indexeddb/auto';
import { deleteDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openContent } from '../../src/content/store.ts';
import { objectReply } from '../../src/worker/content.ts';

const DIGEST = 'ab'.repeat(32);
const request = (extension: string, headers: HeadersInit = {}) => new Request(`https://phone.example/v1/objects/${DIGEST}.${extension}`, { headers });

let asked: string[] = [];

beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', async (lost: Request) => {
    asked.push(lost.url);
    return new Response('from the network');
  });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await deleteDB('tiffin-content');
});

test('a picture that is kept is sent from the phone', async () => {
  await (await openContent()).put('objects', new Uint8Array([1, 2, 3]), DIGEST);

  const reply = await objectReply(request('webp'));

  expect(reply.headers.get('content-type')).toBe('image/webp');
  expect(new Uint8Array(await reply.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
  expect(asked).toEqual([]);
});

test('a range of it is sent as a range', async () => {
  await (await openContent()).put('objects', new Uint8Array([1, 2, 3, 4]), DIGEST);

  const reply = await objectReply(request('mp4', { Range: 'bytes=1-2' }));

  expect(reply.status).toBe(206);
  expect(reply.headers.get('content-range')).toBe('bytes 1-2/4');
  expect(reply.headers.get('content-length')).toBe('2');
  expect(new Uint8Array(await reply.arrayBuffer())).toEqual(new Uint8Array([2, 3]));
});

test('what is not kept comes from the network', async () => {
  await openContent();

  expect(await (await objectReply(request('webp'))).text()).toBe('from the network');
});

test('a phone without content asks the network, and leaves the making of the database to the page', async () => {
  expect(await (await objectReply(request('webp'))).text()).toBe('from the network');

  const store = await openContent();
  expect([...store.objectStoreNames]).toEqual(['holdings', 'objects', 'parts']);
});
