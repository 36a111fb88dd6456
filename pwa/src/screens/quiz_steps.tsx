/** What practice and graded quizzes share: which question is shown, and how far she is. */

import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Question } from '../model.ts';
import { t } from '../strings/words.ts';
import { Line } from './parts.tsx';
import { pointsWords } from './question.tsx';

interface StepProps {
  readonly at: number;
  readonly total: number;
  readonly question: Question;
}

/** The head of a question; each new one takes the focus, so that it is read from its beginning. */
export function Step({ at, total, question }: StepProps): JSX.Element {
  const head = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    head.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [at]);
  const place = t('quiz.place', { at: at + 1, total });
  return (
    <div>
      <Line part={at + 1} whole={total} name={place} />
      <h2 class="meta step" ref={head} tabIndex={-1}>
        <span>{place}</span>
        <span>{pointsWords(question)}</span>
      </h2>
    </div>
  );
}
