/** Courses off a memory card: signatures first, then the objects that her choice wants, each checked by its name.
 *
 * Hers are taken at once. What her organisation signed and she was not put on, as far as this phone has heard, is
 * offered: her trainer may have put her on it since (decision 21). A release older than what this phone holds is left
 * where it is (docs/bundle-format.md, "Trust"). */

import type { Bytes } from '../../codec/index.ts';
import { digestOf } from '../../content/digest.ts';
import { MANIFEST_BYTES_MAX, readManifest, type Root } from '../../content/manifests.ts';
import { Problem, type TakenCard } from '../../model.ts';
import { write, type Announced, type Database, type StoredCourse } from '../../storage/database.ts';
import type { Downloads, ReleaseRecord } from '../index.ts';
import { leading, type TrustedKeys } from '../rotation.ts';
import { isSigned } from '../signature.ts';
import { BrokenCard, openCard, type Card } from './index.ts';

/** What of the app a card needs. */
export interface Taker {
  readonly database: Database;
  /** Who learns here. */
  readonly profile: number;
  readonly downloads: Downloads;
  readonly trusted: TrustedKeys;
  trust(keys: TrustedKeys): Promise<void>;
  bring(release: ReleaseRecord, key: Bytes, card: Card): Promise<void>;
}

type Fate = TakenCard['courses'][number];

/** Takes her courses, and of those that are offered what she wants `also`. Throws `Problem` tampered for files that are
 * no card, or that lie; `not_on_phone` for a card that was pulled out. */
export async function takeCard(files: readonly File[], also: readonly string[], taker: Taker): Promise<TakenCard> {
  const card = await openCard(files).catch((error: unknown) => Promise.reject(readable(error)));
  const stored = new Map((await taker.database.getAllFromIndex('courses', 'profile', taker.profile)).map((one) => [one.course, one]));
  const courses: Fate[] = [], offered: TakenCard['offered'][number][] = [];
  let others = 0;
  for (const release of newestOf(card.releases)) {
    const { course } = release;
    const announced = isHers(stored.get(course)) ? undefined : await announcedBy(release, card, taker, stored.get(course));
    if (isHers(stored.get(course))) courses.push(await takeOne(release, card, taker));
    else if (announced && also.includes(course)) courses.push(await takeNew(announced, card, taker));
    else if (announced) offered.push({ id: course, title: announced.title, bytes: bytesOf(announced) });
    else others++;
  }
  return { courses, offered, others, isCut: card.isCut, absentFiles: absentFiles(card, files) };
}

const isHers = (stored?: StoredCourse) => stored?.on && stored.release;

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

/** Keeps it among her courses first, as if the network had told of it. */
async function takeNew(release: Announced, card: Card, taker: Taker): Promise<Fate> {
  const stored = { profile: taker.profile, course: release.course, on: true, release };
  await write(taker.database, ['courses'], (change) => change.objectStore('courses').put(stored));
  return { ...(await takeOne(release, card, taker)), isNew: true };
}

/** What the network would have told of a release, from its root on the card; undefined for what a stranger signed, what
 * lacks its root, and what she was taken off. */
async function announcedBy(release: ReleaseRecord, card: Card, taker: Taker, stored?: StoredCourse): Promise<Announced | undefined> {
  if (stored?.on === false || !card.has(release.root)) return undefined;
  try {
    await keyOf(release, card, taker);
    const raw = await card.read(release.root, 0, MANIFEST_BYTES_MAX);
    if ((await digestOf(raw)) !== release.root) return undefined;
    const root = readManifest(raw, 'tiffin-release-1');
    const { title, description, languages } = root;
    return root.course === release.course ? { ...release, title, description, languages, bytes: weighed(root) } : undefined;
  } catch (error) {
    if (readable(error).code === 'tampered') return undefined;
    throw readable(error);
  }
}

function weighed({ lessons }: Root): Announced['bytes'] {
  const sum = (tier: 'essential' | 'important') => lessons.reduce((bytes, lesson) => bytes + lesson.bytes[tier], 0);
  return { essential: sum('essential'), important: sum('important') };
}

const bytesOf = ({ bytes }: Announced): number => Object.values(bytes).reduce((sum, each) => sum + each, 0);

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

const PART_NAME = /^(.*?)(?:-(\d+))?(\.\w+)?$/; // as `tiffin export` names them: card.zip, card-2.zip

function absentFiles({ numbers, absentParts }: Card, files: readonly File[]): string[] {
  const names = files.map(({ name }) => PART_NAME.exec(name));
  const named = names.find((name, at) => name && Number(name[2] ?? 1) === numbers[at]);
  return absentParts.map((part) => (named ? `${named[1]}${part > 1 ? `-${part}` : ''}${named[3] ?? ''}` : String(part)));
}

function readable(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BrokenCard) return new Problem('tampered', error.message);
  return new Problem(error instanceof DOMException ? 'not_on_phone' : 'unknown', String(error));
}
