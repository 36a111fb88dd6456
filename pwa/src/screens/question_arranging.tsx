/** Questions whose parts belong somewhere: in an order, or to each other. Touched or chosen, never dragged: that works
 * with one thumb, with a keyboard and with a screen reader alike. */

import type { JSX } from 'preact';
import type { Choice } from '../model.ts';
import { said, t } from '../strings/words.ts';
import { number } from './format.ts';
import { Said } from './parts.tsx';
import type { QuestionProps } from './question.tsx';

interface ArrangingProps extends QuestionProps {
  readonly items: readonly Choice[];
  readonly matches?: readonly Choice[] | undefined;
}

export function Arranging(props: ArrangingProps): JSX.Element {
  const { question, locked, matches } = props;
  const given = typeof props.answer === 'object' ? props.answer : [];
  return (
    <fieldset class="choices" disabled={locked}>
      <legend>
        <Said text={question.prompt} />
      </legend>
      <p class="quiet">{t(matches ? 'quiz.match' : 'quiz.order')}</p>
      {matches ? <Matching {...props} matches={matches} given={given} /> : <Ordering {...props} given={given} />}
    </fieldset>
  );
}

interface GivenProps extends ArrangingProps {
  readonly given: readonly string[];
}

/** Each touch gives the next number; a second touch takes it, and all behind it move up. */
const Ordering = ({ items, given, onAnswer }: GivenProps): JSX.Element => (
  <>
    {items.map(({ id, text }) => {
      const place = given.indexOf(id);
      const isPlaced = place >= 0;
      return (
        <button
          key={id}
          type="button"
          class={`choice wide ${isPlaced ? 'on' : ''}`}
          aria-pressed={isPlaced}
          onClick={() => onAnswer(isPlaced ? given.filter((one) => one !== id) : [...given, id])}
        >
          <span class={isPlaced ? 'count' : 'dot'}>{isPlaced && number(place + 1)}</span>
          <Said text={text} />
        </button>
      );
    })}
  </>
);

const Matching = ({ items, matches = [], given, onAnswer }: GivenProps): JSX.Element => (
  <>
    {items.map(({ id, text }) => {
      const own = `${id}=`;
      const others = given.filter((pair) => !pair.startsWith(own));
      const chosen = given.find((pair) => pair.startsWith(own))?.slice(own.length) ?? '';
      const choose = (match: string) => onAnswer(match ? [...others, own + match].sort() : others);
      return (
        <label key={id} class="stacked">
          <Said text={text} />
          <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
            <option value="">{t('quiz.choose')}</option>
            {matches.map((match) => (
              <option key={match.id} value={match.id}>
                {said(match.text)}
              </option>
            ))}
          </select>
        </label>
      );
    })}
  </>
);
