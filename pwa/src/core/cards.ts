/** What the shelf and a course's page show: what was announced, what is on the phone, how far she is. */

import { piecesOfActivity, type Release } from '../content/release.ts';
import type { Activity } from '../content/manifests.ts';
import { COMPLETED, IN_PROGRESS } from '../conflict/index.ts';
import { canPlay, type Downloads } from '../downloads/index.ts';
import type { ActivityCard, Course, CourseCard, LessonState } from '../model.ts';
import type { Announced, StoredCourse } from '../storage/database.ts';
import { attemptsAt, type Attempts } from './study/attempts.ts';
import type { Work } from './study/work.ts';

/** What a release would fetch, by its root, where that is known to the byte. */
export type UpdateSizes = ReadonlyMap<string, number>;

export async function cardOf(course: StoredCourse, release: Announced, work: Work, downloads: Downloads, sizes: UpdateSizes): Promise<CourseCard> {
  const holding = downloads.holding(course.course);
  const opened = await downloads.release(course.course);
  const held = holding?.held?.number;
  const activities = opened?.lessons.flatMap((lesson) => lesson.activities) ?? [];
  const total = (release.bytes['essential'] ?? 0) + (release.bytes['important'] ?? 0);
  const isNewer = held !== undefined && release.number > held && holding?.taken !== 'taking';
  return {
    id: course.course,
    title: opened?.root.title ?? release.title,
    description: opened?.root.description ?? release.description,
    languages: opened?.root.languages ?? release.languages,
    release: held ?? release.number,
    ...(isNewer ? { newer: { release: release.number, bytes: sizes.get(release.root) ?? 0 } } : {}),
    taken: holding?.taken ?? 'no',
    ...(holding?.problem ? { problem: holding.problem } : {}),
    storedBytes: holding?.storedBytes ?? 0,
    totalBytes: holding?.totalBytes || (sizes.get(release.root) ?? total),
    completed: activities.filter(({ id }) => stateOf(work, course.course, id) === 'completed').length,
    activities: activities.length,
  };
}

export function stateOf(work: Work, course: string, activity: string): LessonState {
  const state = work.read(course, `s/${activity}`);
  return state === COMPLETED ? 'completed' : state === IN_PROGRESS ? 'in_progress' : 'not_started';
}

export async function courseOf(card: CourseCard, release: Release | undefined, work: Work, downloads: Downloads, attempts: Attempts): Promise<Course> {
  const lessons = (release?.lessons ?? []).map(async ({ id, title, activities }) => ({
    id,
    title,
    activities: await Promise.all(activities.map((activity) => activityOf(card.id, activity, work, downloads, attempts))),
  }));
  return { ...card, lessons: await Promise.all(lessons) };
}

async function activityOf(course: string, activity: Activity, work: Work, downloads: Downloads, attempts: Attempts): Promise<ActivityCard> {
  const pieces = await piecesOfActivity(downloads.store, activity, canPlay);
  const held = await Promise.all(pieces.map(({ digest }) => downloads.has(digest)));
  const results = attemptsAt(attempts, course, activity.id);
  const last = results.results.at(-1);
  const result = last && { ...last, score: results.standing?.score ?? last.score };
  return {
    id: activity.id,
    kind: activity.kind,
    ...(activity.kind === 'quiz' ? { quiz: activity.quiz } : {}),
    ...(activity.kind === 'video' ? { durationMs: activity.duration_ms } : {}),
    tier: activity.tier,
    title: activity.title,
    state: stateOf(work, course, activity.id),
    stored: held.every(Boolean) && (activity.kind !== 'video' || pieces.length > 2),
    bytes: pieces.reduce((sum, { length }) => sum + length, 0),
    ...(result ? { result } : {}),
    waiting: results.waiting > 0,
  };
}

/** The activity of this id, with the release that it stands in. */
export function activityIn(release: Release | undefined, id: string): Activity | undefined {
  return release?.lessons.flatMap(({ activities }) => activities).find((activity) => activity.id === id);
}

