import { expect, test, vi } from 'vitest';
import { COURSE, network } from './phone.ts';
import { joined, setting } from './setting.ts';

const here = setting();
const problem = (code: string) => expect.objectContaining({ code });

test.each([
  [404, 'code_unknown', 'code_unknown'],
  [410, 'code_expired', 'code_expired'],
  [422, 'bad_key', 'code_unknown'],
  [429, 'too_many_tries', 'too_many_tries'],
  [500, 'oops', 'unknown'],
])('a refusal with %i %s reads as %s', async (status, code, said) => {
  const app = await here.phone.start();
  vi.stubGlobal('fetch', async () => Response.json({ code }, { status }));

  await expect(app.join('AMINA')).rejects.toEqual(problem(said));

  expect(app.snapshot().profile).toBeUndefined();
});

test('without a network it says so', async () => {
  const app = await here.phone.start();
  network.isOn = false;

  await expect(app.join('AMINA')).rejects.toEqual(problem('offline'));
});

test.each(['<html>', '{}', '{"profile":1,"learner":{"id":"x"},"organisation":{"release_key":"AA"}}'])('a reply such as %s makes no profile', async (body) => {
  const app = await here.phone.start();
  vi.stubGlobal('fetch', async () => new Response(body, { status: 201 }));

  await expect(app.join('AMINA')).rejects.toEqual(problem('update_needed'));

  expect(await here.phone.rows('profiles')).toEqual([]);
});

test('the proof is the key\'s signature over the code without its dashes', async () => {
  const sent: { code: string; proof: string; public_key: string }[] = [];
  const app = await here.phone.start();
  vi.stubGlobal('fetch', async (_: string, { body }: RequestInit) => (sent.push(JSON.parse(String(body))), Response.json({ code: 'code_unknown' }, { status: 404 })));
  await app.join('k7qm-2xhp').catch(() => undefined);

  const { proof, public_key } = sent[0]!;
  const key = await crypto.subtle.importKey('raw', Buffer.from(public_key, 'base64url'), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']);
  const statement = new TextEncoder().encode('tiffin-join-1\nK7QM2XHP');
  expect(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, Buffer.from(proof, 'base64url'), statement)).toBe(true);
});

test('the key stays the same, and never leaves the phone', async () => {
  await joined(here.phone);
  const key = async () => (await here.phone.rows('settings')).find((row) => typeof row === 'object' && row !== null && 'key' in row) as { key: CryptoKeyPair; id: Uint8Array };
  const before = await key();

  await here.phone.start();

  expect(await key()).toEqual(before);
  await expect(crypto.subtle.exportKey('pkcs8', before.key.privateKey)).rejects.toThrow();
});

test('the language chosen before joining stays hers; else it is the one that her trainer wrote', async () => {
  const app = await here.phone.start();
  expect(app.snapshot().language).toBe('en');
  await app.setLanguage('ar');

  await app.join('AMINA');

  expect(app.snapshot().language).toBe('ar');
});

test('joining again goes on where she was', async () => {
  const app = await joined(here.phone);
  await app.putNote(COURSE, 'why', 'mine', 'n1');

  await app.join('AMINA');

  expect(app.snapshot().profiles).toHaveLength(1);
  expect(await app.notes(COURSE, 'why')).toEqual([{ id: 'n1', texts: ['mine'] }]);
});

test('the app opens and works offline after it was closed', async () => {
  await joined(here.phone);
  network.isOn = false;

  const app = await here.phone.start();
  await app.completed(COURSE, 'why');

  expect(app.snapshot()).toMatchObject({ ready: true, profile: { learner: 'Amina' }, courses: [{ completed: 1, activities: 3 }], waiting: { immediate: 1 } });
});

test('before anybody has joined an exchange says so and does not throw', async () => {
  const app = await here.phone.start();

  expect(await app.exchange()).toMatchObject({ ok: false, problem: 'not_known_here' });
});
