/** A graded quiz: every answer is kept as it is given, looked over once, then sealed on the phone. */

import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../look/icons.tsx';
import type { Quiz } from '../model.ts';
import { t } from '../strings/words.ts';
import { number } from './format.ts';
import { Bar, Button, IconButton, Said, Trouble } from './parts.tsx';
import { answerWords, isAnswered, isTyped, QuestionPart } from './question.tsx';
import { Photograph } from './question_picture.tsx';
import { useDraft, type Draft } from './quiz_draft.ts';
import { Step } from './quiz_steps.tsx';
import { announce, useDeed, useTiffin } from './tiffin.ts';

export function GradedQuiz({ quiz, close }: { quiz: Quiz; close: () => void }): JSX.Element {
  const draft = useDraft(quiz);
  const [at, setAt] = useState(firstOpen(quiz));
  const question = quiz.questions[at];
  if (!question) return <Review quiz={quiz} draft={draft} change={setAt} close={close} />;
  const isLast = at + 1 === quiz.questions.length;
  const goTo = (place: number) => {
    void draft.keep();
    setAt(place);
  };
  return (
    <>
      <Step at={at} total={quiz.questions.length} question={question} />
      <QuestionPart
        key={question.id}
        question={question}
        answer={draft.answers[question.id]}
        pictures={quiz.pictures}
        onAnswer={(answer) => draft.answer(question.id, answer, !isTyped(question))}
      />
      {draft.problem && <Trouble code={draft.problem} />}
      <Bar>
        {at > 0 && <IconButton icon="back" name={t('quiz.previous')} act={() => goTo(at - 1)} />}
        <Button class="main" act={() => goTo(at + 1)}>
          {t(isLast ? 'quiz.review' : 'quiz.next')}
        </Button>
      </Bar>
    </>
  );
}

/** Where to carry on: the first question without an answer, or else the look over all of them. */
function firstOpen(quiz: Quiz): number {
  const place = quiz.questions.findIndex((question) => !isAnswered(question, quiz.draft[question.id]));
  return place < 0 ? quiz.questions.length : place;
}

interface ReviewProps {
  readonly quiz: Quiz;
  readonly draft: Draft;
  readonly change: (at: number) => void;
  readonly close: () => void;
}

function Review({ quiz, draft, change, close }: ReviewProps): JSX.Element {
  const tiffin = useTiffin();
  const { run, busy, problem } = useDeed();
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  const open = quiz.questions.filter((question) => !isAnswered(question, draft.answers[question.id])).length;
  const handIn = async () => {
    const sealed = await run(async () => {
      await draft.keep();
      await tiffin.handIn(quiz.course, quiz.activity);
    });
    if (!sealed) return;
    announce(`${t('quiz.sealed')}. ${t('quiz.sealedLead')}`);
    close();
  };
  return (
    <>
      <h2 tabIndex={-1} ref={heading}>
        {t('quiz.review')}
      </h2>
      {open > 0 && (
        <p class="with-icon bad">
          <Icon name="alert" />
          {t('quiz.open', { n: open })}
        </p>
      )}
      <p class="quiet">{t('quiz.reviewLead')}</p>
      <Answers quiz={quiz} draft={draft} change={(place) => busy || change(place)} />
      {(problem ?? draft.problem) && <Trouble code={problem ?? draft.problem ?? 'unknown'} />}
      <Bar>
        <Button class="main" disabled={busy} act={handIn}>
          {t(busy ? 'quiz.handingIn' : 'quiz.handIn')}
        </Button>
      </Bar>
    </>
  );
}

const Answers = ({ quiz, draft, change }: Omit<ReviewProps, 'close'>): JSX.Element => (
  <ol class="plain activities">
    {quiz.questions.map((question, place) => (
      <li key={question.id}>
        <button type="button" class="activity answer" onClick={() => change(place)}>
          <span class="quiet">{number(place + 1)}</span>
          <span>
            <Said text={question.prompt} />
            <br />
            {!isAnswered(question, draft.answers[question.id]) ? (
              <span class="bad">{t('quiz.noAnswer')}</span>
            ) : question.kind === 'picture' ? (
              <Photograph name={draft.answers[question.id]!} pictures={quiz.pictures} height="96px" />
            ) : (
              <strong dir="auto">{answerWords(question, draft.answers[question.id])}</strong>
            )}
          </span>
          <Icon name="next" />
        </button>
      </li>
    ))}
  </ol>
);
