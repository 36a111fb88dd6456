/** Taking a course along: what it costs before, pausing and carrying on, a newer version, and removing it. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CourseCard } from '../model.ts';
import { said, t } from '../strings/words.ts';
import { minutesFor, size } from './format.ts';
import { Button, Trouble } from './parts.tsx';
import { useDeed, useTiffin } from './tiffin.ts';

export function Taking({ course }: { course: CourseCard }): JSX.Element {
  const tiffin = useTiffin();
  const { run, problem } = useDeed();
  const [asking, setAsking] = useState(false);
  const wrong = problem ?? course.problem;
  const named = (words: string) => `${words}: ${said(course.title)}`;
  const take = () => run(() => tiffin.take(course.id));
  if (asking) return <Removing course={course} close={() => setAsking(false)} />;
  return (
    <div class="stacked">
      <Cost course={course} />
      {wrong && <Trouble code={wrong} />}
      <div class="row">
        {course.taken === 'taking' ? (
          <Button icon="pause" name={named(t('take.pause'))} act={() => run(() => tiffin.pause(course.id))}>
            {t('take.pause')}
          </Button>
        ) : (
          <TakeButton course={course} named={named} take={take} />
        )}
        {course.storedBytes > 0 && course.taken !== 'taking' && (
          <Button class="soft" name={named(t('take.remove'))} act={() => setAsking(true)}>
            {t('take.remove')}
          </Button>
        )}
      </div>
    </div>
  );
}

interface TakeButtonProps {
  readonly course: CourseCard;
  readonly named: (words: string) => string;
  readonly take: () => unknown;
}

function TakeButton({ course, named, take }: TakeButtonProps): JSX.Element | null {
  if (course.taken === 'yes' && !course.newer) return null;
  const words = { no: t('take.take'), yes: t('take.fetch'), paused: t('take.resume'), wrong: t('again'), taking: '' };
  return (
    <Button class="main" icon="down" name={named(words[course.taken])} act={take}>
      {words[course.taken]}
    </Button>
  );
}

/** What will be spent, before it is. */
function Cost({ course }: { course: CourseCard }): JSX.Element | null {
  if (course.taken === 'yes') {
    return course.newer ? <p>{t('take.newer', { size: size(course.newer.bytes) })}</p> : null;
  }
  const left = Math.max(0, course.totalBytes - course.storedBytes);
  if (left === 0) return null;
  const speed = megabitsNow();
  const parts = [t('take.cost', { size: size(left) })];
  if (speed) parts.push(t('take.minutes', { n: minutesFor(left, speed) }));
  return (
    <p class="quiet">
      {parts.join(' · ')}
      {course.taken === 'no' && <> · {t('take.first')}</>}
    </p>
  );
}

/** What the browser believes the network gives, in Mbit/s; only some browsers say. */
const megabitsNow = (): number | undefined =>
  (navigator as { connection?: { downlink?: number } }).connection?.downlink || undefined;

function Removing({ course, close }: { course: CourseCard; close: () => void }): JSX.Element {
  const tiffin = useTiffin();
  const { run, problem } = useDeed();
  const remove = async () => {
    if (await run(() => tiffin.remove(course.id))) close();
  };
  return (
    <div class="stacked" role="group" aria-label={`${t('take.remove')}: ${said(course.title)}`}>
      <p>{t('take.sure')}</p>
      {problem && <Trouble code={problem} />}
      <div class="row">
        <Button class="danger" act={remove}>
          {t('take.yes')}
        </Button>
        <Button act={close}>{t('take.keep')}</Button>
      </div>
    </div>
  );
}
