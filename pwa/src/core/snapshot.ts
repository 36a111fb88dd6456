/** Parts of the snapshot that depend on nothing but what they are made of. */

import type { ProblemCode, Profile, Snapshot } from '../model.ts';
import type { StoredProfile } from '../storage/database.ts';

declare const __APP_VERSION__: string;

const LANGUAGES = ['en', 'ar'];
const LASTING: readonly (ProblemCode | undefined)[] = ['not_known_here', 'update_needed', 'phone_full'];

/** The language that this browser asks for, among those that the app speaks. */
export const browserLanguage = (): string => LANGUAGES.find((language) => navigator.language.startsWith(language)) ?? 'en';

export const EMPTY: Snapshot = {
  ready: false,
  profile: undefined,
  profiles: [],
  language: 'en',
  courses: [],
  waiting: { immediate: 0, batched: 0, eventual: 0 },
  dropped: 0,
  sending: false,
  lastExchange: undefined,
  storage: { usedBytes: 0, quotaBytes: 0, kept: false },
  dataBytes: 0,
  push: 'off',
  appUpdate: false,
};

/** What stands until somebody does something about it, unlike a network that is gone for now. */
export const lasting = (problem: ProblemCode | undefined): ProblemCode | undefined => (LASTING.includes(problem) ? problem : undefined);

export const profileOf = ({ number, learner, organisation, language }: StoredProfile): Profile => ({ number, learner, organisation, language });

/** What the phone says of itself with an exchange. Whole megabytes: what changes with every page would cost bytes in
 * every exchange. */
export function statusOf({ courses, storage, language, dropped }: Snapshot): string {
  const releases = Object.fromEntries(courses.filter(({ taken }) => taken === 'yes').map(({ id, release }) => [id, release]));
  const megabytes = (bytes: number) => Math.round(bytes / 1e6) * 1e6;
  return JSON.stringify({ app: __APP_VERSION__, releases, stored: megabytes(storage.usedBytes), quota: megabytes(storage.quotaBytes), language, dropped: dropped || undefined });
}
