/** Whether an organisation signed a release: Ed25519 (RFC 8032). Browsers have it themselves since 2025; for the
 * others a small library is fetched when a course is taken, never with the app. */

import { fromHex, join, utf8, type Bytes } from '../codec/index.ts';

export async function isSigned(root: string, signature: string, key: Bytes): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/.test(root) || !/^[0-9a-f]{128}$/.test(signature)) return false;
  const message = join([utf8('tiffin-release-1\n'), fromHex(root)]);
  const bytes = fromHex(signature);
  try {
    const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, bytes, message);
  } catch {
    const { verifyAsync } = await import('@noble/ed25519');
    return verifyAsync(bytes, message, key, { zip215: false }).catch(() => false); // the rule that the signer's library has
  }
}
