/** Sealed attempts, each with what was answered, what would have been right, and what it is worth. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { Mark } from '../parts.tsx';
import { date, points, say, t } from '../words.ts';

type Attempt = Shapes['AttemptRow'];
type Question = Shapes['AnsweredQuestion'];

export const Attempts = ({ attempts }: { attempts: readonly Attempt[] }): JSX.Element => (
  <ul class="attempts">
    {attempts.map((attempt) => (
      <li key={attempt.hash}>
        <details>
          <summary>
            <span>{t('attempt.title', { title: say(attempt.title), number: attempt.number })}</span>
            <Outcome attempt={attempt} />
          </summary>
          <p class="quiet">{t('attempt.when', { when: date(attempt.ended_ms), arrived: date(attempt.received_ms) })}</p>
          {attempt.reason && <p>{attempt.reason}</p>}
          <ol>
            {attempt.questions.map((question) => (
              <li key={question.id}>
                <Answered question={question} />
              </li>
            ))}
          </ol>
        </details>
      </li>
    ))}
  </ul>
);

function Outcome({ attempt }: { attempt: Attempt }): JSX.Element {
  if (attempt.state !== 'graded') {
    const kind = attempt.state === 'review' ? 'bad' : 'wait';
    return <Mark kind={kind}>{t(`attempt.${attempt.state}`)}</Mark>;
  }
  return (
    <span>
      {t('attempt.score', { score: points(attempt.score), max: points(attempt.score_max) })}{' '}
      <Mark kind={attempt.passed ? 'good' : 'bad'}>{t(attempt.passed ? 'attempt.passed' : 'attempt.notPassed')}</Mark>{' '}
      {attempt.counts && <Mark kind="none">{t('attempt.counts')}</Mark>}
    </span>
  );
}

function Answered({ question }: { question: Question }): JSX.Element {
  return (
    <>
      <p>
        {say(question.prompt)}{' '}
        <span class="quiet">{t('attempt.score', { score: points(question.points), max: points(question.points_max) })}</span>
      </p>
      {question.choices?.length ? <Choices question={question} /> : <Written question={question} />}
    </>
  );
}

const Choices = ({ question }: { question: Question }): JSX.Element => (
  <ul class="choices">
    {question.choices?.map((choice) => (
      <li key={choice.id} class={choice.chosen ? 'chosen' : ''}>
        {say(choice.text)} {choice.chosen && <Mark kind={choice.correct ? 'good' : 'bad'}>{t('attempt.chosen')}</Mark>}{' '}
        {choice.correct && <Mark kind="none">{t('attempt.right')}</Mark>}
      </li>
    ))}
  </ul>
);

const Written = ({ question }: { question: Question }): JSX.Element => (
  <dl>
    <dt>{t('attempt.answered')}</dt>
    <dd dir="auto">{question.answer == null ? t('attempt.notAnswered') : String(question.answer)}</dd>
    <dt>{t('attempt.expected')}</dt>
    <dd dir="auto">{question.expected}</dd>
  </dl>
);
