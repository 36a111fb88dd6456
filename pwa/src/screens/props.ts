/** What screens hand to the parts that draw what is in them. */

import type { ComponentChildren } from 'preact';
import type { ActivityCard, Answer, Pictures, Question } from '../model.ts';

/** What every kind of activity is given. */
export interface Place {
  readonly course: string;
  readonly card: ActivityCard;
  readonly done: () => unknown;
  /** Drawn by whatever has opened: what did not open cannot be marked as done. */
  readonly mark: ComponentChildren;
}

/** Whose notes are shown. */
export interface NotesProps {
  readonly course: string;
  readonly activity: string;
}

/** What every kind of question is given. */
export interface QuestionProps {
  readonly question: Question;
  readonly answer: Answer | undefined;
  readonly onAnswer: (answer: Answer) => void;
  readonly locked?: boolean;
  /** Where its photographs are kept; only graded quizzes ask for any. */
  readonly pictures?: Pictures;
}
