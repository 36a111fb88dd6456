/** Notes, bookmarks, and places in videos. */

import { toHex } from '../codec/index.ts';
import { totalSeconds, union, writeIntervals, writePosition, type Interval } from '../conflict/index.ts';
import type { Note, VideoPlace } from '../model.ts';
import type { Work } from './work.ts';

const NOTE_ID_BYTES = 4; // one learner's notes at one activity are few

export function notesAt(work: Work, course: string, activity: string): Note[] {
  const prefix = `n/${activity}/`;
  return work.keys(course, prefix).map((key) => ({ id: key.slice(prefix.length), texts: (work.read(course, key) as string[] | null) ?? [] }));
}

export function putNote(work: Work, course: string, activity: string, text: string, id?: string): Promise<void> {
  const name = id ?? toHex(crypto.getRandomValues(new Uint8Array(NOTE_ID_BYTES)));
  return work.put(course, `n/${activity}/${name}`, text);
}

export function bookmark(work: Work, course: string, activity: string, seconds: number, on: boolean): Promise<void> {
  const key = `b/${activity}/${Math.floor(seconds)}`;
  return on ? work.put(course, key, true) : work.remove(course, key);
}

export function placeIn(work: Work, course: string, activity: string): VideoPlace {
  const prefix = `b/${activity}/`;
  return {
    positionS: (work.read(course, `p/${activity}`) as number | null) ?? 0,
    watchedS: totalSeconds(watchedIn(work, course, activity)),
    stretchesS: watchedIn(work, course, activity),
    bookmarksS: work.keys(course, prefix).map((key) => Number(key.slice(prefix.length))).sort((a, b) => a - b),
  };
}

const watchedIn = (work: Work, course: string, activity: string): readonly Interval[] =>
  (work.read(course, `w/${activity}`) as Interval[] | null) ?? [];

export async function watched(work: Work, course: string, activity: string, from: number, to: number, position: number): Promise<void> {
  const stretch: Interval = [Math.floor(from), Math.ceil(to)];
  await work.put(course, `w/${activity}`, writeIntervals(union([...watchedIn(work, course, activity), stretch])));
  await work.put(course, `p/${activity}`, writePosition(await work.tick(), Math.max(0, Math.round(position))));
}
