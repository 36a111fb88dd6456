/** A learner's attempts as this phone knows them: sealed ones, and the grades that came back. */

import type { Result, Standing } from '../../model.ts';
import type { Database, StoredGrade, StoredProfile, StoredRecord } from '../../storage/database.ts';

export interface Attempts {
  readonly records: readonly StoredRecord[];
  readonly grades: readonly StoredGrade[];
  readonly sent: number;
}

export async function attemptsOf(database: Database, profile: StoredProfile): Promise<Attempts> {
  const records = await database.getAllFromIndex('records', 'profile', profile.number);
  const grades = await database.getAllFromIndex('grades', 'profile', profile.number);
  return { records, grades, sent: profile.recordsSent };
}

export interface AttemptsAt {
  readonly handedIn: number;
  readonly waiting: number;
  readonly results: readonly Result[];
  readonly standing: Standing | undefined;
}

/** At one quiz: how many were handed in on whatever phone, how many wait here, what came back, oldest first, and what a
 * trainer said. */
export function attemptsAt({ records, grades, sent }: Attempts, course: string, activity: string): AttemptsAt {
  const here = <T extends { course: string; activity: string }>(one: T) => one.course === course && one.activity === activity;
  const mine = records.filter(here);
  const told = grades.filter(here);
  const results = told.filter(({ number }) => number).sort((a, b) => a.number - b.number);
  return {
    handedIn: Math.max(0, ...mine.map(({ number }) => number), ...results.map(({ number }) => number)),
    waiting: mine.filter(({ place }) => place >= sent).length,
    results,
    standing: told.find(({ number }) => !number) as Standing | undefined,
  };
}
