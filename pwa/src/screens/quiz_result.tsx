/** What came of the attempts: sealed and waiting, or graded with the feedback that came back. */

import type { JSX } from 'preact';
import { Icon } from '../look/icons.tsx';
import type { Pictures, Quiz, Result, Standing } from '../model.ts';
import { t } from '../strings/words.ts';
import { scored } from './format.ts';
import { Said } from './parts.tsx';

export function Sealed({ count }: { count: number }): JSX.Element | null {
  if (count <= 0) return null;
  return (
    <div class="card safe">
      <h2 class="with-icon good">
        <Icon name="check" />
        {t('quiz.sealed')}
      </h2>
      <p>{t('quiz.sealedLead')}</p>
    </div>
  );
}

/** They follow the attempt, and may need more than one network. */
export const PicturesOnTheirWay = ({ pictures: { waiting, unreadable } }: { pictures: Pictures }): JSX.Element => (
  <>
    {waiting > 0 && <p class="card note-well">{t('picture.waiting', { n: waiting })}</p>}
    {unreadable > 0 && <p class="card trouble">{t('picture.refused', { n: unreadable })}</p>}
  </>
);

/** What the trainer said of all attempts together comes before them. */
export function TrainersWord({ standing, max }: { standing: Standing | undefined; max: number }): JSX.Element | null {
  if (standing?.state === 'excused') return <p class="card note-well">{t('quiz.excused')}</p>;
  if (typeof standing?.score !== 'number') return null;
  return <p class="card note-well">{scored('quiz.standing', standing.score, max)}</p>;
}

/** The latest attempt first: it is the one she came to see. */
export const Results = ({ quiz }: { quiz: Quiz }): JSX.Element => (
  <>
    {[...quiz.results].reverse().map((result, place) => (
      <ResultCard key={result.number} quiz={quiz} result={result} isLatest={place === 0} />
    ))}
  </>
);

interface ResultProps {
  readonly quiz: Quiz;
  readonly result: Result;
  readonly isLatest: boolean;
}

function ResultCard({ quiz, result, isLatest }: ResultProps): JSX.Element {
  const isGraded = result.state === 'graded';
  const name = t('quiz.attempt', { n: result.number });
  return (
    <section class={`card ${result.passed && isGraded ? 'safe' : 'note-well'}`} aria-label={name}>
      <p class="quiet">{name}</p>
      {result.points.length > 0 && result.state !== 'review' && (
        <h2>{scored('result.points', result.score, result.max)}</h2>
      )}
      {isGraded && (
        <p class={`with-icon ${result.passed ? 'good' : ''}`}>
          {result.passed && <Icon name="check" />}
          {t(result.passed ? 'result.passed' : 'result.failed')}
        </p>
      )}
      {result.state === 'excess' && <p>{t('quiz.excess')}</p>}
      {result.state === 'review' && <p>{t('quiz.inReview')}</p>}
      {result.state === 'refused' && <p>{t('quiz.refused')}</p>}
      {result.points.length > 0 && (
        <details open={isLatest}>
          <summary>{t('quiz.feedback')}</summary>
          <QuestionByQuestion quiz={quiz} result={result} />
        </details>
      )}
    </section>
  );
}

const QuestionByQuestion = ({ quiz, result }: { quiz: Quiz; result: Result }): JSX.Element => (
  <ol class="plain stacked">
    {quiz.questions.map((question, place) => {
      const got = result.points[place] ?? 0;
      const feedback = result.feedback[question.id];
      const isFull = got >= question.points * 1000;
      return (
        <li key={question.id}>
          <Said text={question.prompt} />
          <p class={`with-icon ${isFull ? 'good' : 'quiet'}`}>
            <Icon name={isFull ? 'check' : 'cross'} />
            {scored('result.points', got, question.points * 1000)}
          </p>
          {feedback && (
            <p>
              <Said text={feedback} />
            </p>
          )}
          {result.comments?.[question.id] && (
            <p class="card note-well written" dir="auto">
              {result.comments[question.id]}
            </p>
          )}
        </li>
      );
    })}
  </ol>
);
