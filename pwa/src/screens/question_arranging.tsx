/** Questions whose parts belong somewhere: in an order, or to each other. Touched or chosen, never dragged: that works
 * with one thumb, with a keyboard and with a screen reader alike. */

import type { JSX } from 'preact';
import type { Choice } from '../model.ts';
import { said, t } from '../strings/words.ts';
import { number } from './format.ts';
import { Said } from './parts.tsx';
import type { QuestionProps } from './props.ts';

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

/** The pairs stand in the order of the items, whichever was chosen first. */
const Matching = ({ items, matches = [], given, onAnswer }: GivenProps): JSX.Element => {
  const pairOf = (id: string) => given.find((pair) => pair.startsWith(`${id}=`));
  const choose = (id: string, match: string) =>
    onAnswer(items.flatMap((one) => (one.id === id ? (match && `${id}=${match}`) : pairOf(one.id)) || []));
  return (
    <>
      {items.map(({ id, text }) => (
        <label key={id} class="stacked">
          <Said text={text} />
          <select
            value={pairOf(id)?.slice(id.length + 1) ?? ''}
            onChange={(event) => choose(id, event.currentTarget.value)}
          >
            <option value="">{t('quiz.choose')}</option>
            {matches.map((match) => (
              <option key={match.id} value={match.id}>
                {said(match.text)}
              </option>
            ))}
          </select>
        </label>
      ))}
    </>
  );
};
