/** Whether a key signed something: Ed25519 (RFC 8032). Browsers have it themselves since 2025; for the others a small
 * library comes with the first course, never with the app. */

import { fromHex, join, utf8, type Bytes } from '../codec/index.ts';
import { digestOf } from '../content/digest.ts';

const ID_DIGITS = 16;

/** What a release record calls a key: the first 16 hexadecimal digits of its SHA-256. */
export const keyId = async (key: Bytes): Promise<string> => (await digestOf(key)).slice(0, ID_DIGITS);

export async function isSigned(root: string, signature: string, key: Bytes): Promise<boolean> {
  return /^[0-9a-f]{64}$/.test(root) && isBy(key, join([utf8('tiffin-release-1\n'), fromHex(root)]), signature);
}

/** `signature` in hexadecimal. */
export async function isBy(key: Bytes, statement: Bytes, signature: string): Promise<boolean> {
  if (!/^[0-9a-f]{128}$/.test(signature)) return false;
  const bytes = fromHex(signature);
  try {
    const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, bytes, statement);
  } catch {
    const { verifyAsync } = await import('@noble/ed25519');
    return verifyAsync(bytes, statement, key, { zip215: false }).catch(() => false); // the rule that the signer's library has
  }
}
