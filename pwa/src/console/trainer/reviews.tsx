/** What waits for a person: texts to read, late work, whatever no machine can decide. The oldest first. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { Ago, Empty, Loaded, Pages } from '../parts.tsx';
import { usePlace } from '../place.ts';
import { Reason, Saying, text } from '../saying.tsx';
import { say, t, tCode } from '../words.ts';
import { Answers } from './attempts.tsx';

type Row = Shapes['ReviewRow'];

export function Reviews(): JSX.Element {
  const { query } = usePlace();
  const reviews = useData<Shapes['ReviewPage']>(`/v1/reviews?${query}`);
  return (
    <>
      <h1>{t('nav.reviews')}</h1>
      <Loaded data={reviews}>
        {(page) => (
          <>
            {page.items.length === 0 && <Empty>{t('reviews.none')}</Empty>}
            {page.items.map((row) => (
              <Review key={row.attempt.hash} row={row} again={reviews.again} />
            ))}
            <Pages page={page} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Review({ row: { learner, attempt }, again }: { row: Row; again: () => void }): JSX.Element {
  const title = t('attempt.title', { title: say(attempt.title), number: attempt.number });
  return (
    <section class="card" aria-label={`${learner.name}: ${title}`}>
      <h2>
        <bdi>
          <a href={`/trainer/learners/${learner.id}`}>{learner.name}</a>
        </bdi>{' '}
        · {title}
      </h2>
      <p class="quiet">
        {t('reviews.arrived')} <Ago ms={attempt.received_ms} />
        {attempt.reason && <> · {tCode('why', attempt.reason)}</>}
      </p>
      {attempt.state === 'review' && <Deciding learner={learner.id} attempt={attempt.hash} again={again} />}
      <Answers attempt={attempt} learner={learner.id} again={again} />
    </section>
  );
}

const Deciding = ({ learner, attempt, again }: { learner: string; attempt: string; again: () => void }): JSX.Element => (
  <Saying
    label={t('reviews.decide')}
    path={`/v1/learners/${learner}/attempts/${attempt}/decision`}
    body={(fields, pressed) => ({ counts: pressed === 'counts', reason: text(fields, 'reason') })}
    onSaid={again}
  >
    <Reason />
    <button class="main" value="counts">
      {t('reviews.counts')}
    </button>
    <button value="not">{t('reviews.countsNot')}</button>
  </Saying>
);
