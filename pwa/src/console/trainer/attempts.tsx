/** Sealed attempts, each with what was answered, what would have been right, and what it is worth. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useIsHub } from '../here.ts';
import { Mark, Said } from '../parts.tsx';
import { date, points, say, t, tCode } from '../words.ts';
import { Marking } from './marking.tsx';

type Attempt = Shapes['AttemptRow'];
type Question = Shapes['AnsweredQuestion'];

const MARKS = { waiting: 'wait', review: 'bad', excess: 'out', refused: 'out' } as const; // of those that are not graded

interface Whose {
  readonly learner: string;
  readonly again: () => void;
}

export const Attempts = ({ attempts, ...whose }: { attempts: readonly Attempt[] } & Whose): JSX.Element => (
  <ul class="attempts">
    {attempts.map((attempt) => (
      <li key={attempt.hash}>
        <details>
          <summary>
            <span>{t('attempt.title', { title: say(attempt.title), number: attempt.number })}</span>
            <Outcome attempt={attempt} />
          </summary>
          <p class="quiet">{t('attempt.when', { when: date(attempt.ended_ms), arrived: date(attempt.received_ms) })}</p>
          {attempt.reason && <p>{tCode('why', attempt.reason)}</p>}
          <NotHere attempt={attempt} />
          <Answers attempt={attempt} {...whose} />
        </details>
      </li>
    ))}
  </ul>
);

/** At a hub: why there are no points beside the questions, or no answers. */
function NotHere({ attempt }: { attempt: Attempt }): JSX.Element | null {
  const isPointed = attempt.questions.some(({ points_max }) => points_max > 0);
  if (!useIsHub()) return null;
  return (
    <>
      {!isPointed && <p class="quiet">{t('attempt.pointsThere')}</p>}
      {attempt.device === '' && <p class="quiet">{t('attempt.answersThere')}</p>}
    </>
  );
}

export const Answers = ({ attempt, learner, again }: { attempt: Attempt } & Whose): JSX.Element => (
  <ol class="answers">
    {attempt.questions.map((question) => (
      <li key={question.id}>
        <div class={question.picture && question.waits ? 'beside' : ''}>
          <Answered question={question} learner={learner} isHere={attempt.device !== ''} />
          {question.waits && <Marking learner={learner} attempt={attempt.hash} question={question} onSaid={again} />}
        </div>
      </li>
    ))}
  </ol>
);

function Outcome({ attempt }: { attempt: Attempt }): JSX.Element {
  if (attempt.state !== 'graded') {
    return <Mark kind={MARKS[attempt.state]}>{t(`attempt.${attempt.state}`)}</Mark>;
  }
  return (
    <span>
      {t('attempt.score', { score: points(attempt.score), max: points(attempt.score_max) })}{' '}
      <Mark kind={attempt.passed ? 'good' : 'bad'}>{t(attempt.passed ? 'attempt.passed' : 'attempt.notPassed')}</Mark>{' '}
      {attempt.counts && <Mark kind="none">{t('attempt.counts')}</Mark>}{' '}
      {attempt.regrading && <Mark kind="wait">{t('attempt.regrading')}</Mark>}
    </span>
  );
}

function Answered({ question, learner, isHere }: { question: Question; learner: string; isHere: boolean }): JSX.Element {
  return (
    <div>
      <p>
        <Said text={question.prompt} />{' '}
        {!question.waits && question.points_max > 0 && (
          <span class="quiet">{t('attempt.score', { score: points(question.points), max: points(question.points_max) })}</span>
        )}{' '}
        {question.voided && <Mark kind="wait">{t('items.voided')}</Mark>}
      </p>
      {isHere && (question.picture ? <Photograph question={question} learner={learner} /> : <Given question={question} />)}
      {question.comment && (
        <blockquote>
          <p dir="auto">{question.comment}</p>
        </blockquote>
      )}
    </div>
  );
}

function Given({ question }: { question: Question }): JSX.Element {
  if (question.choices?.length) return <Choices question={question} />;
  return question.placed?.length ? <PlacedItems question={question} /> : <Written question={question} />;
}

/** Made anew by the server from its pixels; or what is known of it until then. */
function Photograph({ question, learner }: { question: Question; learner: string }): JSX.Element {
  if (question.picture === 'coming') return <Mark kind="wait">{t('attempt.pictureComing')}</Mark>;
  if (question.picture === 'unreadable') return <Mark kind="bad">{t('attempt.pictureUnreadable')}</Mark>;
  const url = `/v1/learners/${learner}/pictures/${String(question.answer)}`;
  return (
    <a href={url} target="_blank">
      <img class="photograph" src={url} alt={t('attempt.picture')} loading="lazy" />
    </a>
  );
}

/** Items as she ordered or matched them. */
const PlacedItems = ({ question }: { question: Question }): JSX.Element => (
  <ol class="choices">
    {question.placed?.map((item, place) => (
      <li key={place}>
        <Said text={item.text} />
        {item.match && <>: <Said text={item.match} /></>} {item.right !== null && <Mark kind={item.right ? 'good' : 'bad'}>{t(item.right ? 'attempt.right' : 'attempt.wrong')}</Mark>}
      </li>
    ))}
  </ol>
);

const Choices = ({ question }: { question: Question }): JSX.Element => (
  <ul class="choices">
    {question.choices?.map((choice) => (
      <li key={choice.id} class={choice.chosen ? 'chosen' : ''}>
        <Said text={choice.text} /> {choice.chosen && <Mark kind={choice.correct === null ? 'none' : choice.correct ? 'good' : 'bad'}>{t('attempt.chosen')}</Mark>}{' '}
        {choice.correct && <Mark kind="none">{t('attempt.right')}</Mark>}
      </li>
    ))}
  </ul>
);

const Written = ({ question }: { question: Question }): JSX.Element => (
  <dl>
    <dt>{t('attempt.answered')}</dt>
    <dd>
      <bdi>{question.answer == null ? t('attempt.notAnswered') : String(question.answer)}</bdi>
    </dd>
    {question.expected && (
      <>
        <dt>{t('attempt.expected')}</dt>
        <dd>
          <bdi>{question.expected}</bdi>
        </dd>
      </>
    )}
  </dl>
);
