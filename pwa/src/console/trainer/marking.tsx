/** Giving points to a free text, criterion by criterion, with a word to its writer. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { Saying, text } from '../saying.tsx';
import { points, say, t } from '../words.ts';

type Question = Shapes['AnsweredQuestion'];

const HALF_A_POINT = 0.5;

interface MarkingProps {
  readonly learner: string;
  readonly attempt: string;
  readonly question: Question;
  readonly onSaid: () => void;
}

export function Marking({ learner, attempt, question, onSaid }: MarkingProps): JSX.Element {
  const criteria = question.rubric ?? [];
  const given = (fields: FormData) => Object.fromEntries(criteria.map(({ id }) => [id, Math.round(Number(text(fields, id)) * 1000)]));
  return (
    <Saying
      label={t('marking.title', { prompt: say(question.prompt) })}
      path={`/v1/learners/${learner}/attempts/${attempt}/marks`}
      body={(fields) => ({ question: question.id, criteria: given(fields), comment: text(fields, 'comment') })}
      onSaid={onSaid}
    >
      {criteria.map((criterion) => (
        <label key={criterion.id} class="criterion">
          <input name={criterion.id} type="number" required min={0} max={criterion.points / 1000} step={HALF_A_POINT} />
          <span>
            {say(criterion.text)} <span class="quiet">{t('marking.of', { max: points(criterion.points) })}</span>
          </span>
        </label>
      ))}
      <label class="field">
        <span>{t('marking.comment')}</span>
        <textarea name="comment" maxLength={2000} dir="auto" />
      </label>
      <button class="main">{t('marking.go')}</button>
    </Saying>
  );
}
