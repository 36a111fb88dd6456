/** Taking a course along: what it costs before, pausing and carrying on, a newer version, and removing it. */

import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { CourseCard } from '../model.ts';
import { said, t } from '../strings/words.ts';
import { minutesFor, size } from './format.ts';
import { Button, IconButton, Trouble } from './parts.tsx';
import { useDeed, useTiffin } from './tiffin.ts';

interface TakingProps {
  readonly course: CourseCard;
  /** Whether taking is the main thing to do on the screen. */
  readonly isMain?: boolean;
}

const named = (words: string, course: CourseCard): string => `${words}: ${said(course.title)}`;

export function Taking({ course, isMain = false }: TakingProps): JSX.Element | null {
  const tiffin = useTiffin();
  const take = useDeed();
  const pause = useDeed(); // of its own: taking lasts until it is paused, which is over when taking is
  const wrong = take.problem ?? pause.problem ?? course.problem;
  const isTaking = course.taken === 'taking';
  const act = () => (isTaking ? pause.run(() => tiffin.pause(course.id)) : take.run(() => tiffin.take(course.id)));
  const words = takeWords(course);
  if (!words && !wrong) return null;
  return (
    <div class="stacked">
      <Cost course={course} />
      {wrong && <Trouble code={wrong} />}
      {words && (
        <Button
          class={isMain && !isTaking ? 'main' : ''}
          icon={isTaking ? 'pause' : 'down'}
          name={named(words, course)}
          disabled={pause.busy}
          act={act}
        >
          {words}
        </Button>
      )}
    </div>
  );
}

function takeWords({ taken, newer }: CourseCard): string | undefined {
  if (taken === 'yes') return newer && t('take.fetch');
  const words = { no: 'take.take', taking: 'take.pause', paused: 'take.resume', wrong: 'again' } as const;
  return t(words[taken]);
}

/** What is on its way is paused before it is removed. */
export const canRemove = (course: CourseCard): boolean => course.storedBytes > 0 && course.taken !== 'taking';

export const RemoveButton = ({ course, ask }: { course: CourseCard; ask: () => void }): JSX.Element => (
  <IconButton icon="bin" name={named(t('take.remove'), course)} act={ask} />
);

/** What will be spent, before it is. */
function Cost({ course }: { course: CourseCard }): JSX.Element | null {
  if (course.taken === 'yes') {
    return course.newer ? <p>{t('take.newer', { size: size(course.newer.bytes) })}</p> : null;
  }
  const left = Math.max(0, course.totalBytes - course.storedBytes);
  if (left === 0) return null;
  const speed = megabitsNow();
  const parts = course.taken === 'taking' ? [] : [t('take.cost', { size: size(left) })];
  if (speed) parts.push(t('take.minutes', { n: minutesFor(left, speed) }));
  return <p class="quiet">{parts.join(' · ')}</p>;
}

/** What the browser believes the network gives, in Mbit/s; only some browsers say. */
const megabitsNow = (): number | undefined =>
  (navigator as { connection?: { downlink?: number } }).connection?.downlink || undefined;

/** Asks once more, with the focus on the question. */
export function Removing({ course, close }: { course: CourseCard; close: () => void }): JSX.Element {
  const tiffin = useTiffin();
  const { run, problem } = useDeed();
  const question = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => question.current?.focus(), []);
  const remove = async () => {
    if (await run(() => tiffin.remove(course.id))) close();
  };
  return (
    <div class="stacked" role="group" aria-label={named(t('take.remove'), course)}>
      <p tabIndex={-1} ref={question}>
        {t('take.sure')}
      </p>
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
