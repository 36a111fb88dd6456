/** Before a course is taken along: how good its pictures are to be, how much data it may cost, and what follows from
 * that for each of its parts, in words. */

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Choosing, Course, CoursePlan, Quality, Wish } from '../model.ts';
import { t } from '../strings/words.ts';
import { size } from './format.ts';
import { Button, Said, Trouble } from './parts.tsx';
import { useDeed, useLoaded, useTiffin } from './tiffin.ts';

const QUALITIES: readonly Quality[] = ['small', 'normal', 'best'];
const WHEN = ['now', 'later', 'online'] as const;
const MEGABYTE = 1_000_000; // as data is sold
const MEGABYTES_MAX = 100_000;

/** Nothing where it cannot be known, without a network: what the course costs stands beside its button all the same. */
export function ChoiceScreen({ course }: { course: Course }): JSX.Element | null {
  const tiffin = useTiffin();
  const { value } = useLoaded(() => tiffin.choosing(course.id), [course.id, course.newer?.release, course.taken]);
  return value ? <Choice course={course} choosing={value} /> : null;
}

function Choice({ course, choosing }: { course: Course; choosing: Choosing }): JSX.Element | null {
  const [wish, setWish] = useState(choosing.wish);
  const plans = () => Promise.all(QUALITIES.map((quality) => choosing.plan({ ...wish, quality })));
  const { value } = useLoaded(plans, [wish], choosing);
  const shown = useRef(value);
  shown.current = value ?? shown.current; // while the next ones are reckoned
  const plan = shown.current?.[QUALITIES.indexOf(wish.quality)];
  if (!shown.current || !plan) return null;
  const change = (changed: Wish) => {
    setWish(changed);
    void choosing.keep(changed);
  };
  return (
    <details class="card" open={course.taken === 'no'}>
      <summary>
        <strong>{t('choice.title')}</strong>
      </summary>
      <div class="stacked">
        <Qualities wish={wish} plans={shown.current} change={change} />
        <Limit wish={wish} change={change} />
        {plan.isSaving && <p>{t('choice.saving')}</p>}
        <Outcome plan={plan} />
        {course.taken === 'yes' && <More course={course} bytes={plan.missingBytes} />}
      </div>
    </details>
  );
}

/** What she would have besides what is on the phone already. */
function More({ course, bytes }: { course: Course; bytes: number }): JSX.Element | null {
  const tiffin = useTiffin();
  const { run, busy, problem } = useDeed();
  if (!bytes) return null;
  return (
    <>
      {problem && <Trouble code={problem} />}
      <Button icon="down" disabled={busy} act={() => run(() => tiffin.take(course.id))}>
        {t('choice.more', { size: size(bytes) })}
      </Button>
    </>
  );
}

interface WishProps {
  readonly wish: Wish;
  readonly change: (wish: Wish) => void;
}

const Qualities = ({ wish, plans, change }: WishProps & { plans: readonly CoursePlan[] }): JSX.Element => (
  <fieldset class="choices">
    <legend>{t('choice.quality')}</legend>
    {QUALITIES.map((quality, at) => (
      <label key={quality} class={`choice ${wish.quality === quality ? 'on' : ''}`}>
        <input type="radio" name="quality" checked={wish.quality === quality} onChange={() => change({ ...wish, quality })} />
        <span>
          {t(`choice.${quality}`)} <span class="quiet">· {size(plans[at]!.missingBytes)}</span>
        </span>
      </label>
    ))}
  </fieldset>
);

function Limit({ wish, change }: WishProps): JSX.Element {
  const { bytesMax: _, ...unlimited } = wish;
  const set = (text: string) => {
    const megabytes = Math.min(MEGABYTES_MAX, Math.floor(Number(text)));
    change(megabytes > 0 ? { ...wish, bytesMax: megabytes * MEGABYTE } : unlimited);
  };
  return (
    <div class="row">
      <label class="stacked">
        {t('choice.limit')}
        <input
          type="number"
          inputMode="numeric"
          min={1}
          max={MEGABYTES_MAX}
          placeholder={t('choice.noLimit')}
          value={wish.bytesMax === undefined ? '' : wish.bytesMax / MEGABYTE}
          onChange={(event) => set(event.currentTarget.value)}
        />
      </label>
      <label class="stacked">
        {t('choice.per')}
        <select value={wish.per} onChange={(event) => change({ ...wish, per: event.currentTarget.value as Wish['per'] })}>
          <option value="download">{t('choice.download')}</option>
          <option value="month">{t('choice.month')}</option>
        </select>
      </label>
    </div>
  );
}

const Outcome = ({ plan }: { plan: CoursePlan }): JSX.Element => (
  <div class="stacked" aria-live="polite">
    {WHEN.map((when) => (
      <Part key={when} when={when} plan={plan} />
    ))}
  </div>
);

function Part({ when, plan }: { when: (typeof WHEN)[number]; plan: CoursePlan }): JSX.Element | null {
  const parts = plan.activities.filter((one) => one.when === when);
  if (!parts.length) return null;
  const bytes = parts.reduce((sum, { missingBytes }) => sum + missingBytes, 0);
  return (
    <details open={when === 'later'}>
      <summary>
        {t(`choice.${when}`, { n: parts.length })} · {size(bytes)}
      </summary>
      <ul class="plain">
        {parts.map(({ activity, title, reason, missingBytes }) => (
          <li key={activity}>
            <Said text={title} />
            <p class="quiet under">
              {t(`reason.${reason}`)}
              {missingBytes > 0 && <> · {size(missingBytes)}</>}
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
}
