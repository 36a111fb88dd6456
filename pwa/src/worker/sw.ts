/** The service worker: listeners alone. What is answered how stands in policy.ts; with what, in shell.ts and content.ts. */

import { objectReply } from './content.ts';
import { answerTo, isApp } from './policy.ts';
import { readPush } from './push.ts';
import { Shell } from './shell.ts';

declare const self: ServiceWorkerGlobalScope;
declare const __PRECACHE__: readonly string[];
declare const __EXTRAS__: Readonly<Record<string, string>>;
declare const __REVISION__: string;

const files = __PRECACHE__, extras = __EXTRAS__; // once each, since they are put in as they stand
const precached = new Set([...files, ...Object.values(extras)]);
const shell = new Shell(files, extras, __REVISION__);

self.addEventListener('install', (event) => event.waitUntil(shell.install()));

self.addEventListener('activate', (event) => event.waitUntil(shell.tidy().then(() => self.clients.claim())));

// A new revision waits until she says so: nothing changes under her hands. Anything else names what is to be kept too,
// and whoever sent a port along hears whether it is.
self.addEventListener('message', (event) => {
  if (event.data === 'take-over') void self.skipWaiting();
  else event.waitUntil(keep(String(event.data)).then((kept) => event.ports[0]?.postMessage(kept)));
});

const keep = (name: string): Promise<boolean> => shell.keep(name).then(() => true, () => false);

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  const answer = answerTo(request.method, request.mode, url.pathname, precached);
  if (answer === 'object') event.respondWith(objectReply(request));
  else if (answer === 'file') event.respondWith(shell.file(request));
  else if (answer === 'shell') event.respondWith(shell.file('/'));
});

self.addEventListener('push', (event) => {
  const { title, body, url, tag, language } = readPush(event.data?.text() ?? '');
  const options = { body, tag, lang: language, dir: 'auto', icon: '/icon-192.png', data: url } as const;
  event.waitUntil(self.registration.showNotification(title, options));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openAt(String(event.notification.data)));
});

/** In the window that is open, if there is one. */
async function openAt(url: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window' });
  const open = windows.find((client) => isApp(new URL(client.url).pathname));
  if (!open) return void (await self.clients.openWindow(url));
  await open.focus();
  await open.navigate(url);
}
