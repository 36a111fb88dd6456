/** How far she is, notes, bookmarks, and places in videos. */

import { toHex, utf8 } from '../../codec/index.ts';
import { totalSeconds, union, writeIntervals, writePosition, type Interval } from '../../conflict/index.ts';
import { Problem, type LessonState, type Note, type VideoPlace } from '../../model.ts';
import { PLAYED } from '../../wire/index.ts';
import { stateOf } from '../cards.ts';
import type { Put, Work } from './work.ts';

const NOTE_CHARACTERS_MAX = 4_000; // by the rules a longer one cannot be read
const NOTE_ID_BYTES = 4; // one learner's notes at one activity are few

/** How far she is; never goes back. */
export const reaches = (work: Work, course: string, activity: string, state: number, ...from: LessonState[]): Put[] =>
  from.includes(stateOf(work, course, activity)) ? [[`s/${activity}`, state]] : [];

export function notesAt(work: Work, course: string, activity: string): Note[] {
  const prefix = `n/${activity}/`;
  return work.keys(course, prefix).map((key) => ({ id: key.slice(prefix.length), texts: (work.read(course, key) as string[] | null) ?? [] }));
}

/** As every store can hold it: without NUL, and with no half of a character, which a keyboard may leave. */
export const storable = (text: string): string => new TextDecoder().decode(utf8(text)).replaceAll('\0', '');

export async function putNote(work: Work, course: string, activity: string, text: string, id?: string): Promise<void> {
  if ([...text].length > NOTE_CHARACTERS_MAX) throw new Problem('unknown', 'a note that is too long');
  const name = id ?? toHex(crypto.getRandomValues(new Uint8Array(NOTE_ID_BYTES)));
  return work.do(course, () => ({ puts: [[`n/${activity}/${name}`, storable(text)]] }));
}

export const removeNote = (work: Work, course: string, activity: string, id: string): Promise<void> =>
  work.do(course, () => ({ puts: [[`n/${activity}/${id}`, undefined]] }));

export const bookmark = (work: Work, course: string, activity: string, seconds: number, on: boolean): Promise<void> =>
  work.do(course, () => ({ puts: [[`b/${activity}/${Math.floor(seconds)}`, on || undefined]] }));

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

/** The place, the stretch and the event stand or fall together. */
export function watched(work: Work, course: string, activity: string, from: number, to: number, position: number): Promise<void> {
  const stretch: Interval = [Math.max(0, Math.floor(from)), Math.max(0, Math.ceil(to))];
  return work.do(course, (stamp) => ({
    puts: [
      [`w/${activity}`, writeIntervals(union([...watchedIn(work, course, activity), stretch]))],
      [`p/${activity}`, writePosition(stamp, Math.max(0, Math.round(position)))],
    ],
    event: { verb: PLAYED, activity, seconds: Math.max(0, Math.round(to - from)) },
  }));
}
