/** The answers of a graded quiz while they are given: on the screen at once, on the phone before they can be lost. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Answer, ProblemCode, Quiz } from '../model.ts';
import { codeOf, useTiffin } from './tiffin.ts';

/** Typing is kept when it rests this long: a change for each letter would all be sent. */
const REST_MS = 800;

export interface Draft {
  readonly answers: Readonly<Record<string, Answer>>;
  readonly problem: ProblemCode | undefined;
  readonly answer: (question: string, answer: Answer, now: boolean) => void;
  /** Resolves when all that was answered is kept. */
  readonly keep: () => Promise<void>;
}

export function useDraft(quiz: Quiz): Draft {
  const tiffin = useTiffin();
  const [answers, setAnswers] = useState(quiz.draft);
  const [problem, setProblem] = useState<ProblemCode>();
  const unkept = useRef(new Map<string, Answer>());
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const kept = useRef<Promise<void>>(Promise.resolve());

  const keep = (): Promise<void> => {
    clearTimeout(rest.current);
    const changes = [...unkept.current];
    unkept.current.clear();
    kept.current = kept.current.then(async () => {
      for (const [question, answer] of changes) await tiffin.answer(quiz.course, quiz.activity, question, answer);
    });
    return kept.current.then(
      () => setProblem(undefined),
      (error: unknown) => {
        kept.current = Promise.resolve();
        for (const [question, answer] of changes) {
          if (!unkept.current.has(question)) unkept.current.set(question, answer);
        }
        setProblem(codeOf(error));
        throw error;
      },
    );
  };
  const quietly = () => void keep().catch(() => undefined); // the problem stands on the screen
  useEffect(() => {
    document.addEventListener('visibilitychange', quietly);
    return () => {
      document.removeEventListener('visibilitychange', quietly);
      quietly();
    };
  }, []);
  const answer = (question: string, given: Answer, now: boolean) => {
    setAnswers((before) => ({ ...before, [question]: given }));
    unkept.current.set(question, given);
    clearTimeout(rest.current);
    if (now) quietly();
    else rest.current = setTimeout(quietly, REST_MS);
  };
  return { answers, problem, answer, keep };
}
