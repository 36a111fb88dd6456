/** What a release offers to the planner, and what the planner's word means for the pieces that are kept. */

import { bytesOf, piecesOf, piecesOfActivity, piecesOfRendition, playable, type CanPlay, type Piece, type Release } from '../content/release.ts';
import { readManifest, type Activity } from '../content/manifests.ts';
import type { Chosen, ContentStore } from '../content/store.ts';
import { rowOf } from './placing.ts';
import type { Offer, Option, Plan } from './planning.ts';

const SLIDES = 'slidecast'; // what the packer calls a still a second, sharp enough to read

/** Needs the release's texts in the store. */
export async function offersOf(store: ContentStore, release: Release, canPlay: CanPlay): Promise<Offer[]> {
  const here = new Set(await store.getAllKeys('objects'));
  const offer = async (activity: Activity): Promise<Offer> => {
    const options = activity.kind === 'video' ? await videoOptions(store, activity, canPlay, here) : [];
    const [first = optionOf(await piecesOfActivity(store, activity, canPlay), here), ...others] = options;
    return { activity: activity.id, tier: activity.tier, options: [first, ...others] };
  };
  return Promise.all(release.lessons.flatMap(({ activities }) => activities).map(offer));
}

async function videoOptions(store: ContentStore, activity: Activity & { kind: 'video' }, canPlay: CanPlay, here: ReadonlySet<string>): Promise<Option[]> {
  const stream = await store.get('objects', activity.stream.object);
  const pictures = stream ? playable(readManifest(stream, 'tiffin-stream-1').video, 'video', canPlay) : [];
  const options = pictures.map(async (rendition) => {
    const pieces = await piecesOfActivity(store, activity, canPlay, rendition.object);
    const picture = { picture: rendition.object, isSlides: rendition.name === SLIDES };
    // What other pictures of it have begun says nothing of this one: its own segments count.
    return { ...picture, ...optionOf([...pieces, ...piecesOfRendition(rendition)], here) };
  });
  return Promise.all(options);
}

function optionOf(pieces: readonly Piece[], here: ReadonlySet<string>): Option {
  const all = [...new Map(pieces.map((piece) => [piece.digest, piece])).values()];
  return { bytes: bytesOf(all), missingBytes: bytesOf(all.filter(({ digest }) => !here.has(digest))) };
}

/** What of it is kept in mind with the course. */
export const chosenOf = ({ activities }: Plan): Chosen => ({
  lacksRoom: activities.some(({ reason }) => reason === 'over_room'),
  later: activities.filter(({ when }) => when === 'later').map(({ activity }) => activity),
  pictures: Object.fromEntries(activities.flatMap(({ activity, when, picture }) => (picture && when === 'now' ? [[activity, picture]] : []))),
});

/** The pieces of a release in the order in which they are to come: what is essential first, and of that what is small,
 * in the row in which it stands: pages are whole before their videos. */
export async function wantedOf(store: ContentStore, release: Release, root: string, canPlay: CanPlay, chosen?: Chosen): Promise<Piece[]> {
  const pieces = await piecesOf(store, release, root, canPlay, chosen);
  const row = rowOf(release), essentials = new Set<string>();
  for (const activity of release.lessons.flatMap(({ activities }) => activities)) {
    if (activity.tier !== 'essential') continue;
    for (const { digest } of await piecesOfActivity(store, activity, canPlay, chosen?.pictures[activity.id])) essentials.add(digest);
  }
  const rank = ({ digest }: Piece) => (essentials.has(digest) ? 0 : 2) + (row.has(digest) ? 0 : 1);
  const startOf = ({ digest }: Piece) => row.get(digest) ?? 0;
  return pieces.sort((a, b) => rank(a) - rank(b) || startOf(a) - startOf(b));
}
