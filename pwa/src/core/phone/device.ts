/** This installation's key: ECDSA P-256, made here, not to be exported. Its id is derived from its public half. */

import type { Bytes } from '../../codec/index.ts';
import { alone, keepSetting, type Database, type StoredDevice } from '../../storage/database.ts';
import { sha256 } from '../../wire/index.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const DEVICE_BYTES = 16;

/** Made once, whichever tab asks first. */
export const openDevice = (database: Database): Promise<StoredDevice> =>
  alone('device', async () => ((await database.get('settings', 'device')) as StoredDevice | undefined) ?? makeDevice(database));

async function makeDevice(database: Database): Promise<StoredDevice> {
  const key = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', key.publicKey));
  const device = { key, publicKey, id: (await sha256(publicKey)).slice(0, DEVICE_BYTES) };
  await keepSetting(database, 'device', device);
  return device;
}

/** r and s, 32 bytes each (IEEE P1363). */
export async function sign(device: StoredDevice, message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, device.key.privateKey, message));
}

export const base64url = (raw: Uint8Array): string =>
  btoa(String.fromCharCode(...raw)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

export const fromBase64url = (text: string): Bytes =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
