/** One question, of any of the four kinds. What is chosen or typed is told at once; keeping it is the caller's part. */

import type { JSX } from 'preact';
import type { Answer, Choice, Question } from '../model.ts';
import { said, t } from '../strings/words.ts';
import { Said } from './parts.tsx';

const ANSWER_CHARACTERS_MAX = 500; // a short text; what grades it compares words, not essays

export const isAnswered = (answer: Answer | undefined): boolean => Boolean(answer?.length);

/** Whole numbers of points, as the course's author gave them. */
export const pointsWords = (question: Question): string => t('quiz.points', { n: question.points });

interface QuestionProps {
  readonly question: Question;
  readonly answer: Answer | undefined;
  readonly onAnswer: (answer: Answer) => void;
  readonly locked?: boolean;
}

export function QuestionPart(props: QuestionProps): JSX.Element {
  const { question } = props;
  return (
    <div class="stacked">
      {question.picture && (
        <img class="question-picture" src={question.picture.url} alt={said(question.picture.alt)} />
      )}
      {question.choices ? <Choices {...props} choices={question.choices} /> : <Field {...props} />}
    </div>
  );
}

interface ChoicesProps extends QuestionProps {
  readonly choices: readonly Choice[];
}

function Choices({ question, answer, onAnswer, locked, choices }: ChoicesProps): JSX.Element {
  const many = question.kind === 'multiple_choice';
  const chosen = typeof answer === 'string' ? [answer] : (answer ?? []);
  const toggle = (id: string) => {
    if (!many) return onAnswer(id);
    onAnswer(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].sort());
  };
  return (
    <fieldset class="choices" disabled={locked}>
      <legend>
        <Said text={question.prompt} />
      </legend>
      <p class="quiet">{t(many ? 'quiz.chooseMany' : 'quiz.choose')}</p>
      {choices.map(({ id, text }) => (
        <label key={id} class={`choice ${chosen.includes(id) ? 'on' : ''}`}>
          <input
            type={many ? 'checkbox' : 'radio'}
            name={question.id}
            checked={chosen.includes(id)}
            onChange={() => toggle(id)}
          />
          <Said text={text} />
        </label>
      ))}
    </fieldset>
  );
}

function Field({ question, answer, onAnswer, locked }: QuestionProps): JSX.Element {
  const isNumber = question.kind === 'numeric';
  return (
    <div class="stacked">
      <p class="prompt" id="prompt">
        <Said text={question.prompt} />
      </p>
      <label class="stacked">
        {t(isNumber ? 'quiz.number' : 'quiz.text')}
        <input
          type="text" // a number field refuses the digits and the decimal signs of other scripts
          inputMode={isNumber ? 'decimal' : 'text'}
          dir="auto"
          autocomplete="off"
          maxLength={ANSWER_CHARACTERS_MAX}
          aria-describedby="prompt"
          disabled={locked}
          value={typeof answer === 'string' ? answer : ''}
          onInput={(event) => onAnswer(event.currentTarget.value)}
        />
      </label>
    </div>
  );
}

/** An answer in words: the texts of the choices, or what was typed. */
export function answerWords(question: Question, answer: Answer | undefined): string {
  if (!isAnswered(answer) || answer === undefined) return t('quiz.noAnswer');
  const parts = typeof answer === 'string' ? [answer] : answer;
  return parts.map((part) => choiceWords(question, part)).join(' · ');
}

export function choiceWords(question: Question, id: string): string {
  const choice = question.choices?.find((one) => one.id === id);
  return choice ? said(choice.text) : id;
}
