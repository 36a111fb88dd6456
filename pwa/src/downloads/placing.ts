/** Where the network has a piece: in its object, or among the release's small objects, which stand in a row so that one
 * range brings many (docs/bundle-format.md, "On the wire"). */

import type { Activity } from '../content/manifests.ts';
import { SMALL_BYTES_MAX, type Piece, type Release } from '../content/release.ts';

/** A piece, and the address at which it begins at `start`. */
export interface Placed extends Piece {
  readonly address: string;
  readonly start: number;
}

const TIERS = ['essential', 'important', 'supplementary'] as const;

export function placedIn(release: Release, root: string, pieces: readonly Piece[]): Placed[] {
  const row = rowOf(release);
  return pieces.map((piece) => {
    const start = row.get(piece.digest);
    return start === undefined ? { ...piece, address: `/v1/objects/${piece.object}`, start: piece.offset } : { ...piece, address: `/v1/releases/${root}/small`, start };
  });
}

/** Where each small object stands in the row. */
export function rowOf(release: Release): Map<string, number> {
  const row = new Map<string, number>();
  const activities = release.lessons.flatMap((lesson) => lesson.activities);
  let end = 0;
  for (const tier of TIERS) {
    for (const { object, bytes } of activities.filter((activity) => activity.tier === tier).flatMap(smallOf)) {
      if (row.has(object)) continue;
      row.set(object, end);
      end += bytes;
    }
  }
  return row;
}

const isSmall = ({ bytes }: { readonly bytes: number }) => bytes > 0 && bytes < SMALL_BYTES_MAX;

/** An activity's poster, handout and pictures, where they are small. */
function smallOf(activity: Activity) {
  if (activity.kind === 'resource') return [activity].filter(isSmall);
  const found = activity.kind === 'video' ? [activity.poster].filter((poster) => poster !== undefined) : activity.pictures;
  return found.filter(isSmall);
}
