/** Web push: asked for by the learner, told to the server with the next exchange. */

import { keepSetting, type Database } from '../../storage/database.ts';
import { fromBase64url } from './device.ts';

export type PushState = 'unsupported' | 'off' | 'on' | 'denied';

const canPush = (): boolean => 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;

export function pushState(subscription: string): PushState {
  if (!canPush()) return 'unsupported';
  return Notification.permission === 'denied' ? 'denied' : subscription ? 'on' : 'off';
}

/** What the server is to know, as JSON; empty: nothing, or no longer anything. The browser may have ended it. */
export async function subscriptionOf(database: Database): Promise<string> {
  const said = ((await database.get('settings', 'subscription')) as string | undefined) ?? '';
  if (!said || !canPush()) return said;
  const now = await (await navigator.serviceWorker.getRegistration())?.pushManager.getSubscription().catch(() => undefined);
  return now === null ? '' : said;
}

/** Asks the learner, then the browser. What the server must know stands in the settings until it was told. */
export async function subscribe(database: Database, pushKey: string): Promise<void> {
  if (!canPush() || (await Notification.requestPermission()) !== 'granted') return;
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: fromBase64url(pushKey) });
  const { endpoint, keys } = subscription.toJSON();
  await keepSetting(database, 'subscription', JSON.stringify({ endpoint, p256dh: keys?.['p256dh'], auth: keys?.['auth'] }));
}
