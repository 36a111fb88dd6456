/** A quiz from its first screen to its grade: what it is, then its questions one at a time, then what came of it. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Quiz } from '../model.ts';
import { t } from '../strings/words.ts';
import { percent } from './format.ts';
import { Bar, Button, Empty, Opening, Trouble } from './parts.tsx';
import type { Place } from './props.ts';
import { GradedQuiz } from './quiz_graded.tsx';
import { PracticeQuiz } from './quiz_practice.tsx';
import { PicturesOnTheirWay, Results, Sealed, TrainersWord } from './quiz_result.tsx';
import { useLoaded, useSnapshot, useTiffin } from './tiffin.ts';

export function QuizScreen({ course, card, done }: Place): JSX.Element {
  const tiffin = useTiffin();
  const [started, setStarted] = useState(false);
  const snapshot = useSnapshot();
  // While she answers, what is on the screen is the latest; a grade may come at any other time.
  const fresh = started ? started : snapshot;
  // What was read before she began, or before she handed in, says nothing of what comes after.
  const { value: quiz, problem, again } = useLoaded(() => tiffin.quiz(course, card.id), [card.id, started], fresh);
  if (problem) return <Trouble code={problem} again={again} />;
  if (!quiz) return <Opening />;
  if (!quiz.questions.length) return <Empty title={t('course.empty')} lead={t('course.emptyLead')} />;
  if (!started) return <Start quiz={quiz} isDone={card.state === 'completed'} start={() => setStarted(true)} />;
  const close = () => setStarted(false);
  if (quiz.quiz === 'practice') return <PracticeQuiz quiz={quiz} done={done} close={close} />;
  return <GradedQuiz quiz={quiz} close={close} />;
}

/** How many attempts are left, if they are limited. */
const attemptsLeft = (quiz: Quiz): number | undefined =>
  quiz.attempts === undefined ? undefined : Math.max(0, quiz.attempts - quiz.handedIn);

function leftWords(left: number | undefined): string {
  if (left === undefined) return t('quiz.attemptsFree');
  return left ? t('quiz.attemptsLeft', { n: left }) : t('quiz.attemptsNone');
}

function Start({ quiz, isDone, start }: { quiz: Quiz; isDone: boolean; start: () => void }): JSX.Element {
  const left = attemptsLeft(quiz);
  const hasDraft = Object.keys(quiz.draft).length > 0;
  const isGraded = quiz.quiz === 'graded';
  const words = hasDraft && isGraded ? 'quiz.resume' : quiz.handedIn || isDone ? 'quiz.again' : 'quiz.start';
  const button = (
    <Button class={isDone ? 'wide' : 'main'} act={start}>
      {t(words)}
    </Button>
  );
  return (
    <>
      <Sealed count={quiz.handedIn - quiz.results.length} />
      <PicturesOnTheirWay pictures={quiz.pictures} />
      <TrainersWord standing={quiz.standing} max={quiz.questions.reduce((sum, { points }) => sum + 1000 * points, 0)} />
      <Results quiz={quiz} />
      <ul class="plain stacked card">
        <li>{t('quiz.questions', { n: quiz.questions.length })}</li>
        {isGraded && (
          <>
            <li>{t('quiz.pass', { percent: percent(quiz.passMark, 100) })}</li>
            <li>{leftWords(left)}</li>
          </>
        )}
      </ul>
      {left !== 0 && <p class="quiet">{t(isGraded ? 'quiz.graded' : 'quiz.practice')}</p>}
      {left !== 0 && (isDone ? button : <Bar>{button}</Bar>)}
    </>
  );
}
