/** A trainer's word on one learner's quiz as a whole: a score, an excuse, more attempts. It outranks the machine's. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { useIsHub } from '../here.ts';
import { Reason, Saying, text } from '../saying.tsx';
import { t } from '../words.ts';
import { Dialog } from './new_learner.tsx';

interface WordProps {
  readonly learner: string;
  readonly course: string;
  readonly quiz: string;
  readonly title: string;
  readonly again: () => void;
}

export function TrainersWord({ learner, course, quiz, title, again }: WordProps): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const isHub = useIsHub();
  const base = `/v1/learners/${learner}/courses/${encodeURIComponent(course)}/assessments/${encodeURIComponent(quiz)}`;
  const said = () => {
    setOpen(false);
    again();
  };
  if (isHub) return null;
  return (
    <>
      <button onClick={() => setOpen(true)}>{t('word.open', { title })}</button>
      {open && (
        <Dialog title={t('word.open', { title })} onClose={() => setOpen(false)}>
          <Score path={`${base}/score`} onSaid={said} />
          <Extra path={`${base}/extra-attempts`} onSaid={said} />
          <Excused path={`${base}/excuse`} onSaid={said} />
        </Dialog>
      )}
    </>
  );
}

interface SaidProps {
  readonly path: string;
  readonly onSaid: () => void;
}

const Score = (said: SaidProps): JSX.Element => (
  <Saying
    {...said}
    label={t('word.score')}
    body={(fields, pressed) => ({
      score: pressed === 'back' ? null : Math.round(Number(text(fields, 'score')) * 1000),
      reason: text(fields, 'reason'),
    })}
  >
    <label class="field">
      <span>{t('word.score')}</span>
      <input name="score" type="number" min={0} step={0.5} />
    </label>
    <Reason />
    <button class="main">{t('word.giveScore')}</button>
    <button value="back">{t('word.takeBack')}</button>
  </Saying>
);

const Extra = (said: SaidProps): JSX.Element => (
  <Saying
    {...said}
    label={t('word.extra')}
    body={(fields) => ({ attempts: Number(text(fields, 'attempts')), reason: text(fields, 'reason') })}
  >
    <label class="field">
      <span>{t('word.extra')}</span>
      <input name="attempts" type="number" required min={0} max={100} defaultValue="1" />
    </label>
    <Reason />
    <button class="main">{t('word.giveExtra')}</button>
  </Saying>
);

const Excused = (said: SaidProps): JSX.Element => (
  <Saying
    {...said}
    label={t('word.excuse')}
    body={(fields, pressed) => ({ excused: pressed !== 'back', reason: text(fields, 'reason') })}
  >
    <Reason />
    <button class="main">{t('word.excuse')}</button>
    <button value="back">{t('word.takeBack')}</button>
  </Saying>
);
