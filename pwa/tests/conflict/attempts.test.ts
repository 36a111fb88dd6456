import { expect, test } from 'vitest';
import { standing, type Attempt, type Policy } from '../../src/conflict/index.ts';
import { vectors } from '../vectors.ts';

interface Case {
  readonly limit: number | null;
  readonly policy: Policy;
  readonly attempts: Attempt[];
  readonly verdicts: Readonly<Record<string, string>>;
  readonly scored: string | null;
  readonly score: number;
}

test('a set of attempts stands on the phone as it stands on the server', () => {
  for (const { limit, policy, attempts, verdicts, scored, score } of vectors<Case[]>('attempts')) {
    const judged = standing(attempts, policy, limit ?? undefined);
    expect(Object.fromEntries(judged.verdicts)).toEqual(verdicts);
    expect([judged.scored ?? null, judged.score]).toEqual([scored, score]);
  }
});
