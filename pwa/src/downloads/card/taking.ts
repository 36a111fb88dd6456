/** Her courses off a memory card: signatures first, then the objects that her choice wants, each checked by its name.
 *
 * A release older than what this phone holds is left where it is (docs/bundle-format.md, "Trust"). */

import type { Bytes } from '../../codec/index.ts';
import { Problem, type TakenCard } from '../../model.ts';
import type { Downloads, ReleaseRecord } from '../index.ts';
import { leading, type TrustedKeys } from '../rotation.ts';
import { isSigned } from '../signature.ts';
import { BrokenCard, openCard, type Card } from './index.ts';

/** What of the app a card needs. */
export interface Taker {
  readonly downloads: Downloads;
  readonly trusted: TrustedKeys;
  trust(keys: TrustedKeys): Promise<void>;
  bring(release: ReleaseRecord, key: Bytes, card: Card): Promise<void>;
}

type Fate = TakenCard['courses'][number];

/** Throws `Problem` tampered for files that are no card, or that lie; `not_on_phone` for a card that was pulled out. */
export async function takeCard(files: readonly Blob[], courses: readonly string[], taker: Taker): Promise<TakenCard> {
  const card = await openCard(files).catch((error: unknown) => Promise.reject(readable(error)));
  const newest = newestOf(card.releases);
  const mine = newest.filter(({ course }) => courses.includes(course));
  const fates: Fate[] = [];
  for (const release of mine) fates.push(await takeOne(release, card, taker));
  return { courses: fates, others: newest.length - mine.length, isCut: card.isCut, absentParts: card.absentParts };
}

async function takeOne(release: ReleaseRecord, card: Card, taker: Taker): Promise<Fate> {
  const { course: id } = release;
  const { held, floor = 0 } = taker.downloads.holding(id) ?? {};
  if (release.number < Math.max(held?.number ?? 0, floor)) return { id, isOlder: true };
  try {
    await taker.bring(release, await keyOf(release, card, taker), card);
    return { id, isOlder: false, problem: taker.downloads.holding(id)?.problem };
  } catch (error) {
    return { id, isOlder: false, problem: readable(error).code };
  }
}

/** The key that signed it: the one that is trusted, or one that the card's endorsements lead to. Nothing is brought, and
 * no key remembered, before the signature was found right. */
async function keyOf(release: ReleaseRecord, { keys }: Card, { trusted, trust }: Taker): Promise<Bytes> {
  const led = await leading(trusted, release.key, keys);
  if (!(await isSigned(release.root, release.signature, led.releaseKey))) throw new Problem('tampered', 'the signature');
  if (led.releaseKey !== trusted.releaseKey) await trust(led);
  return led.releaseKey;
}

/** Of each course one. */
function newestOf(releases: readonly ReleaseRecord[]): ReleaseRecord[] {
  const newest = new Map<string, ReleaseRecord>();
  for (const release of releases) {
    if (release.number > (newest.get(release.course)?.number ?? -1)) newest.set(release.course, release);
  }
  return [...newest.values()];
}

function readable(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BrokenCard) return new Problem('tampered', error.message);
  return new Problem(error instanceof DOMException ? 'not_on_phone' : 'unknown', String(error));
}
