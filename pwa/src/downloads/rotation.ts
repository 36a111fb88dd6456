/** Keys that follow each other (docs/bundle-format.md, "Trust"; the same as `offline_bundles/rotation.py`). Part of the
 * tool that reads cards, never of a first load. */

import { fromHex, join, toHex, utf8, type Bytes } from '../codec/index.ts';
import { Problem } from '../model.ts';
import { jsonOf } from '../wire/index.ts';
import { isBy, isSigned, keyId } from './signature.ts';

/** What this phone remembers of an organisation's keys: the present one, and the next if it is known. */
export interface TrustedKeys {
  readonly releaseKey: Bytes;
  readonly nextReleaseKey?: Bytes | undefined;
  readonly keyGeneration?: number | undefined;
}

/** One key's word for the next; hexadecimal. */
export interface Endorsement {
  readonly generation: number;
  readonly public_key: string;
  readonly by: string;
  readonly signature: string;
}

interface Signed {
  readonly root: string;
  readonly signature: string;
  readonly key: string;
}

const CHAIN_MAX = 64; // who missed more joins again
const CHAIN_BYTES_MAX = 64 << 10;

/** What to remember once this release was found to be signed by a key that the trusted ones lead to. Throws `Problem`:
 * offline, tampered. */
export async function following(trusted: TrustedKeys, release: Signed): Promise<TrustedKeys> {
  const keys = await leading(trusted, release.key, await endorsements(release.root));
  if (!(await isSigned(release.root, release.signature, keys.releaseKey))) throw new Problem('tampered', 'the signature');
  return keys;
}

/** Where the trusted keys lead, up to the one of this id. */
export async function leading(trusted: TrustedKeys, key: string, chain: readonly Endorsement[]): Promise<TrustedKeys> {
  let { releaseKey, nextReleaseKey, keyGeneration = 0 } = trusted;
  for (let steps = 0; steps <= CHAIN_MAX; steps++) {
    const named = await namedNext(releaseKey, keyGeneration + 1, chain);
    if (named && nextReleaseKey && toHex(named) !== toHex(nextReleaseKey)) break; // the present key may be stolen
    nextReleaseKey = named ?? nextReleaseKey;
    if ((await keyId(releaseKey)) === key) return { releaseKey, nextReleaseKey, keyGeneration };
    if (!nextReleaseKey) break;
    [releaseKey, nextReleaseKey, keyGeneration] = [nextReleaseKey, undefined, keyGeneration + 1];
  }
  throw new Problem('tampered', 'signed with a key that nobody here vouches for');
}

async function namedNext(by: Bytes, generation: number, chain: readonly Endorsement[]): Promise<Bytes | undefined> {
  const link = chain.find((one) => one.generation === generation);
  if (!link || !/^[0-9a-f]{64}$/.test(link.public_key) || link.by !== (await keyId(by))) return undefined;
  const named = fromHex(link.public_key);
  const statement = join([utf8('tiffin-key-1\n'), [0, 0, generation >> 8, generation & 255], named]);
  return (await isBy(by, statement, link.signature)) ? named : undefined;
}

async function endorsements(root: string): Promise<Endorsement[]> {
  const reply = await fetch(`/v1/releases/${root}`, { cache: 'no-store', credentials: 'omit' }).catch(() => undefined);
  if (!reply?.ok) throw new Problem('offline');
  try {
    return ((await jsonOf(reply, CHAIN_BYTES_MAX)) as { keys: Endorsement[] }).keys.slice(0, CHAIN_MAX);
  } catch {
    throw new Problem('tampered', 'no release record');
  }
}
