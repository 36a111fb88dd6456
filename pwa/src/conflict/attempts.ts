/** Which attempts count, and for how much: a pure function of the set, so that the order of arrival never matters. The
 * same as `conflict/attempts.py`; both run `tests/vectors/attempts.json`. No attempt is ever discarded. */

export type Policy = 'best' | 'last' | 'first';
export type Standing = 'counts' | 'waits' | 'excess' | 'review' | 'refused';

/** A sealed attempt as it was graded. `chain`: device, profile and number; one place holds one attempt. `held`: a person
 * must look at it; `waits`: for a part of its points; `accepted`: what she decided. */
export interface Attempt {
  readonly hash: string;
  readonly chain: readonly [device: string, profile: number, number: number];
  readonly number: number;
  readonly started: number;
  readonly score: number;
  readonly gradable: boolean;
  readonly held?: boolean;
  readonly waits?: boolean;
  readonly accepted?: boolean | null;
}

/** `verdicts` by hash; `score` is that of the attempt `scored`, in thousandths of a point. */
export interface Judged {
  readonly verdicts: ReadonlyMap<string, Standing>;
  readonly scored: string | undefined;
  readonly score: number;
}

/** Judges a learner's whole set of attempts at one assessment; no `limit` lets every one count. */
export function standing(attempts: Iterable<Attempt>, policy: Policy, limit = Infinity): Judged {
  const ordered = [...new Map([...attempts].map((attempt) => [attempt.hash, attempt])).values()].sort(byOrder);
  const places = new Map<string, number>();
  for (const { chain } of ordered) places.set(chain.join(), (places.get(chain.join()) ?? 0) + 1);
  const verdicts = new Map<string, Standing>();
  let taken = 0;
  for (const attempt of ordered) {
    const verdict = judge(attempt, places.get(attempt.chain.join())! > 1, taken >= limit);
    verdicts.set(attempt.hash, verdict);
    if (attempt.accepted == null && counts(verdict)) taken++;
  }
  const chosen = choose(ordered.filter(({ hash }) => counts(verdicts.get(hash)!)), policy);
  return { verdicts, scored: chosen?.hash, score: chosen?.score ?? 0 };
}

const counts = (verdict: Standing): boolean => verdict === 'counts' || verdict === 'waits';

function judge({ gradable, held, waits, accepted }: Attempt, forked: boolean, full: boolean): Standing {
  if (accepted === false) return 'refused';
  if (!gradable || (accepted == null && (forked || held))) return 'review';
  if (accepted == null && full) return 'excess';
  return waits ? 'waits' : 'counts';
}

const byOrder = (a: Attempt, b: Attempt): number => a.number - b.number || a.started - b.started || (a.hash < b.hash ? -1 : 1);

/** Of equal ones the earliest. Nothing is chosen before its points are whole; the first one is waited for. */
function choose(counting: readonly Attempt[], policy: Policy): Attempt | undefined {
  const whole = counting.filter(({ waits }) => !waits);
  if (policy === 'first') return counting[0]?.waits ? undefined : counting[0];
  if (policy === 'last') return whole.at(-1);
  return whole.reduce<Attempt | undefined>((best, one) => best && best.score >= one.score ? best : one, undefined);
}
