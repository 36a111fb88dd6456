/** Which attempts count, and for how much: a pure function of the set, so that the order of arrival never matters. The
 * same as `conflict/attempts.py`; both run `tests/vectors/attempts.json`. No attempt is ever discarded. */

export type Policy = 'best' | 'last' | 'first';
export type Standing = 'counts' | 'excess' | 'review';

/** A sealed attempt as it was graded. `chain`: device, profile and number; one place holds one attempt. */
export interface Attempt {
  readonly hash: string;
  readonly chain: readonly [device: string, profile: number, number: number];
  readonly number: number;
  readonly started: number;
  readonly score: number;
  readonly gradable: boolean;
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
  const counting = ordered.filter(({ chain, gradable }) => gradable && places.get(chain.join()) === 1);
  const verdicts = new Map(ordered.map(({ hash }): [string, Standing] => [hash, 'review']));
  counting.forEach(({ hash }, at) => verdicts.set(hash, at < limit ? 'counts' : 'excess'));
  const chosen = choose(counting.slice(0, limit), policy);
  return { verdicts, scored: chosen?.hash, score: chosen?.score ?? 0 };
}

const byOrder = (a: Attempt, b: Attempt): number => a.number - b.number || a.started - b.started || (a.hash < b.hash ? -1 : 1);

/** Of equal ones the earliest. */
function choose(counting: readonly Attempt[], policy: Policy): Attempt | undefined {
  if (policy === 'best') return counting.reduce<Attempt | undefined>((best, one) => best && best.score >= one.score ? best : one, undefined);
  return counting.at(policy === 'first' ? 0 : -1);
}
