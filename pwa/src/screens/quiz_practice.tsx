/** Practice: each answer is judged on the phone at once, and may be given again. */

import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../look/icons.tsx';
import type { Answer, Checked, Question, Quiz } from '../model.ts';
import { t } from '../strings/words.ts';
import { scored } from './format.ts';
import { Bar, Button, IconButton, Said, Trouble } from './parts.tsx';
import { isAnswered, partWords, QuestionPart } from './question.tsx';
import { Step } from './quiz_steps.tsx';
import { useDeed, useTiffin } from './tiffin.ts';

interface PracticeProps {
  readonly quiz: Quiz;
  readonly done: () => unknown;
  readonly close: () => void;
}

export function PracticeQuiz({ quiz, done, close }: PracticeProps): JSX.Element {
  const tiffin = useTiffin();
  const { run, busy, problem } = useDeed();
  const [at, setAt] = useState(0);
  const [answers, setAnswers] = useState<Record<string, Answer>>({});
  const [judged, setJudged] = useState<Record<string, Checked | undefined>>({});
  const question = quiz.questions[at];
  if (!question) return <Score judged={quiz.questions.filter(isJudged).map(({ id }) => judged[id])} close={close} />;

  const answer = answers[question.id];
  const verdict = judged[question.id];
  const judge = (checked: Checked | undefined) => setJudged((before) => ({ ...before, [question.id]: checked }));
  const check = () =>
    run(async () => judge(await tiffin.check(quiz.course, quiz.activity, question.id, answer ?? '')));
  const next = () => {
    setAt(at + 1);
    if (at + 1 === quiz.questions.length) void done();
  };
  return (
    <>
      <Step at={at} total={quiz.questions.length} question={question} />
      <QuestionPart
        key={question.id}
        question={question}
        answer={answer}
        locked={busy || verdict !== undefined} // what is judged is what was given
        onAnswer={(given) => setAnswers((before) => ({ ...before, [question.id]: given }))}
      />
      <div aria-live="polite">{verdict && <Verdict question={question} verdict={verdict} />}</div>
      {problem && <Trouble code={problem} />}
      {verdict && !verdict.correct && <Button act={() => judge(undefined)}>{t('quiz.tryAgain')}</Button>}
      <Bar>
        {at > 0 && <IconButton icon="back" name={t('quiz.previous')} act={() => setAt(at - 1)} />}
        {verdict ? (
          <Button class="main" act={next}>
            {t(at + 1 < quiz.questions.length ? 'quiz.next' : 'quiz.finish')}
          </Button>
        ) : (
          <Button class="main" disabled={!isAnswered(question, answer)} act={check}>
            {t('quiz.check')}
          </Button>
        )}
      </Bar>
    </>
  );
}

/** A free text is for its writer to compare with what a reader would look for. */
const isJudged = ({ kind }: Question): boolean => kind !== 'free_text';

function Verdict({ question, verdict }: { question: Question; verdict: Checked }): JSX.Element {
  const card = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => card.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <div ref={card} class={`card ${isJudged(question) ? (verdict.correct ? 'safe' : 'trouble') : 'note-well'}`}>
      {isJudged(question) ? <Judged verdict={verdict} /> : <p>{t('quiz.compare')}</p>}
      {verdict.feedback.map((text, place) => (
        <p key={place}>
          <Said text={text} />
        </p>
      ))}
      {!verdict.correct && verdict.right.length > 0 && (
        <p>{t('quiz.answerIs', { answer: verdict.right.map((id) => partWords(question, id)).join(' · ') })}</p>
      )}
    </div>
  );
}

function Judged({ verdict }: { verdict: Checked }): JSX.Element {
  const words = verdict.correct ? 'quiz.right' : verdict.points > 0 ? 'quiz.partly' : 'quiz.wrong';
  return (
    <p class={`with-icon ${verdict.correct ? 'good' : 'bad'}`}>
      <Icon name={verdict.correct ? 'check' : 'cross'} />
      {t(words)} · {scored('result.points', verdict.points, verdict.max)}
    </p>
  );
}

function Score({ judged, close }: { judged: readonly (Checked | undefined)[]; close: () => void }): JSX.Element {
  const sum = (of: 'points' | 'max') => judged.reduce((total, one) => total + (one?.[of] ?? 0), 0);
  return (
    <div class="card safe" role="status">
      <h2>{scored('quiz.score', sum('points'), sum('max'))}</h2>
      <Button act={close}>{t('quiz.again')}</Button>
    </div>
  );
}
