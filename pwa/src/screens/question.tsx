/** One question, of any kind. What is chosen or typed is told at once; keeping it is the caller's part. */

import type { JSX } from 'preact';
import type { Answer, Choice, Question } from '../model.ts';
import { said, t, type Key } from '../strings/words.ts';
import { Arranging } from './question_arranging.tsx';
import { Said } from './parts.tsx';
import type { QuestionProps } from './props.ts';
import { PictureQuestion } from './question_picture.tsx';

const ANSWER_CHARACTERS_MAX = 500; // a short text; what grades it compares words, not essays
const FREE_CHARACTERS_MAX = 4000; // a page of writing; what the server takes of a text

/** Whether there is an answer that can be judged: an order is one once it is whole. */
export const isAnswered = (question: Question, answer: Answer | undefined): boolean =>
  Boolean(answer?.length) && (typeof answer === 'string' || !question.items || answer?.length === question.items.length);

/** Whether an answer is typed, and so changes with every letter. */
export const isTyped = ({ kind, choices, items }: Question): boolean => !choices && !items && kind !== 'picture';

/** Whole numbers of points, as the course's author gave them. */
export const pointsWords = (question: Question): string => t('quiz.points', { n: question.points });

export function QuestionPart(props: QuestionProps): JSX.Element {
  const { question } = props;
  return (
    <div class="stacked">
      {question.picture && (
        <img class="question-picture" src={question.picture.url} alt={said(question.picture.alt)} />
      )}
      {question.kind === 'picture' && props.pictures ? (
        <PictureQuestion {...props} pictures={props.pictures} />
      ) : question.choices ? (
        <Choices {...props} choices={question.choices} />
      ) : question.items ? (
        <Arranging {...props} items={question.items} matches={question.matches} />
      ) : (
        <Field {...props} />
      )}
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

const LABELS: Partial<Record<Question['kind'], Key>> = { numeric: 'quiz.number', free_text: 'quiz.free' };

function Field({ question, answer, onAnswer, locked }: QuestionProps): JSX.Element {
  const isNumber = question.kind === 'numeric' && !question.units;
  const isLong = question.kind === 'free_text';
  const field = {
    dir: 'auto',
    autocomplete: 'off',
    maxLength: isLong ? FREE_CHARACTERS_MAX : ANSWER_CHARACTERS_MAX,
    'aria-describedby': 'prompt',
    disabled: locked,
    value: typeof answer === 'string' ? answer : '',
    onInput: (event: { currentTarget: { value: string } }) => onAnswer(event.currentTarget.value),
  } as const;
  return (
    <div class="stacked">
      <p class="prompt" id="prompt">
        <Said text={question.prompt} />
      </p>
      <label class="stacked">
        {t(LABELS[question.kind] ?? 'quiz.text')}
        {isLong ? (
          <textarea {...field} />
        ) : (
          // A number field refuses the digits and the decimal signs of other scripts.
          <input {...field} type="text" inputMode={isNumber ? 'decimal' : 'text'} />
        )}
      </label>
      {question.units && <p class="quiet">{t('quiz.unit', { units: question.units.join(', ') })}</p>}
    </div>
  );
}

/** An answer in words: the texts of what was chosen, or what was typed. */
export function answerWords(question: Question, answer: Answer | undefined): string {
  if (!answer?.length) return t('quiz.noAnswer');
  const parts = typeof answer === 'string' ? [answer] : answer;
  return parts.map((part) => partWords(question, part)).join(' · ');
}

/** One choice or item, or an item with its match. */
export function partWords({ choices, items, matches }: Question, part: string): string {
  const textOf = (id: string, among: readonly Choice[] | undefined) => said(among?.find((one) => one.id === id)?.text ?? { '': id });
  if (!matches) return textOf(part, choices ?? items);
  const [item = '', match = ''] = part.split('=');
  return `${textOf(item, items)}: ${textOf(match, matches)}`;
}
