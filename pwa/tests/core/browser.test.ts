/** What the app asks of the browser: messages while it is closed, and new revisions of itself. */

import { expect, test, vi } from 'vitest';
import { hear } from './phone.ts';
import { joined, setting } from './setting.ts';

const here = setting();

const endpoint = 'https://push.example/1';
const asked = { with: undefined as Uint8Array | undefined, posted: [] as unknown[] };

/** A browser with a worker; `subscribed` is what its push service knows. */
function withWorker(subscribed: { now: boolean }, permission = 'granted') {
  const registration = {
    waiting: undefined as { postMessage(data: unknown): void } | undefined,
    installing: { addEventListener: (_: string, listener: () => void) => (installed = listener) },
    addEventListener: (_: string, listener: () => void) => (found = listener),
    pushManager: {
      subscribe: async ({ applicationServerKey }: { applicationServerKey: Uint8Array }) => {
        asked.with = applicationServerKey;
        subscribed.now = true;
        return { toJSON: () => ({ endpoint, keys: { p256dh: 'P', auth: 'A' } }) };
      },
      getSubscription: async () => (subscribed.now ? {} : null),
    },
  };
  let found = () => undefined as unknown, installed = () => undefined as unknown;
  const serviceWorker = {
    controller: {},
    ready: Promise.resolve(registration),
    register: async () => registration,
    getRegistration: async () => registration,
    addEventListener: () => undefined,
  };
  Object.assign(navigator, { serviceWorker });
  vi.stubGlobal('PushManager', class {});
  vi.stubGlobal('Notification', { permission, requestPermission: async () => permission });
  const install = () => {
    found();
    registration.waiting = { postMessage: (data) => asked.posted.push(data) };
    installed();
  };
  return { install };
}

test('messages that she asked for are told to the server, with its own key, and their end too', async () => {
  const subscribed = { now: false };
  withWorker(subscribed);
  const app = await joined(here.phone);
  expect(app.snapshot().push).toBe('off');

  await app.enablePush();
  expect(app.snapshot().push).toBe('on');
  expect(asked.with).toEqual(Uint8Array.of(4));
  expect(here.school.told).toContainEqual({ endpoint, p256dh: 'P', auth: 'A' });
  subscribed.now = false;
  await app.exchange();

  expect(here.school.told.at(-1)).toEqual({});
});

test('a learner who says no is not asked for anything', async () => {
  withWorker({ now: false }, 'denied');
  const app = await joined(here.phone);

  await app.enablePush();

  expect(app.snapshot().push).toBe('denied');
});

test('a browser without push says so', async () => {
  const app = await joined(here.phone);

  expect(app.snapshot().push).toBe('unsupported');
});

test('a new revision is shown when it waits, and takes over when she says so', async () => {
  const { install } = withWorker({ now: false });
  const app = await joined(here.phone);
  expect(app.snapshot().appUpdate).toBe(false);

  install();
  expect(app.snapshot().appUpdate).toBe(true);
  await app.applyAppUpdate();

  expect(asked.posted).toEqual(['take-over']);
});

test('a network that comes brings an exchange by itself', async () => {
  await joined(here.phone);
  const before = here.school.requests.length;

  hear('online');
  await vi.advanceTimersByTimeAsync(2_000);

  await vi.waitUntil(() => here.school.requests.length > before);
});
