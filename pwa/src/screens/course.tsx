/** One course: its lessons in order, where she stands in each activity, and what of it is on the phone. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from '../look/icons.tsx';
import type { ActivityCard, Course, Lesson } from '../model.ts';
import { said, t } from '../strings/words.ts';
import { clock, scored, size } from './format.ts';
import { Back, Button, Empty, Heading, Opening, Progress, Said, Trouble, WithIcon } from './parts.tsx';
import { to } from './router.ts';
import { canRemove, Removing, Taking } from './taking.tsx';
import { useLoaded, useSnapshot, useTiffin } from './tiffin.ts';
import { withTool } from './with_tool.tsx';

export function CourseScreen({ id }: { id: string }): JSX.Element {
  const tiffin = useTiffin();
  const { value: course, problem, again } = useLoaded(() => tiffin.course(id), [id], useSnapshot());
  return (
    <main id="main">
      <Back href={to()}>{t('nav.shelf')}</Back>
      {course && <Contents course={course} />}
      {problem && <Trouble code={problem} again={again} />}
      {!course && !problem && <Opening />}
    </main>
  );
}

function Contents({ course }: { course: Course }): JSX.Element {
  const next = nextActivity(course);
  return (
    <>
      <Heading name={said(course.title)}>
        <Said text={course.title} />
      </Heading>
      <p class="quiet">
        <Said text={course.description} />
      </p>
      <Progress course={course} />
      {next && course.taken !== 'no' && (
        <a class="button main wide" href={to('course', course.id, next.id)}>
          {t('course.next', { title: said(next.title) })}
        </a>
      )}
      <Taking course={course} isMain={!next || course.taken === 'no'} />
      <Choice course={course} />
      {course.lessons.map((lesson) => (
        <LessonPart key={lesson.id} course={course.id} lesson={lesson} />
      ))}
      {course.lessons.length === 0 && course.taken !== 'no' && <Empty title={t('course.empty')} lead={t('course.emptyLead')} />}
      {canRemove(course) && <RemovePart course={course} />}
    </>
  );
}

const Choice = withTool<{ course: Course }>('take', true);

function RemovePart({ course }: { course: Course }): JSX.Element {
  const [isAsking, ask] = useState(false);
  if (isAsking) return <Removing course={course} close={() => ask(false)} />;
  return (
    <Button class="soft" icon="bin" act={() => ask(true)}>
      {t('take.yes')}
    </Button>
  );
}

const allOf = (course: Course): readonly ActivityCard[] => course.lessons.flatMap((lesson) => lesson.activities);

/** The first that is on the phone and not yet done. */
const nextActivity = (course: Course): ActivityCard | undefined =>
  allOf(course).find((activity) => activity.stored && activity.state !== 'completed');

/** What comes after an activity in the order of the course. */
export function activityAfter(course: Course, id: string): ActivityCard | undefined {
  const all = allOf(course);
  const here = all.findIndex((activity) => activity.id === id);
  return here < 0 ? undefined : all[here + 1];
}

export const activityOf = (course: Course, id: string): ActivityCard | undefined =>
  allOf(course).find((activity) => activity.id === id);

const LessonPart = ({ course, lesson }: { course: string; lesson: Lesson }): JSX.Element => (
  <section aria-label={said(lesson.title)}>
    <h2>
      <Said text={lesson.title} />
    </h2>
    <ul class="plain activities">
      {lesson.activities.map((activity) => (
        <li key={activity.id}>
          <ActivityLink course={course} activity={activity} />
        </li>
      ))}
    </ul>
  </section>
);

function ActivityLink({ course, activity }: { course: string; activity: ActivityCard }): JSX.Element {
  return (
    <a class="activity" href={to('course', course, activity.id)}>
      <Icon name={activity.kind} />
      <div>
        <Said text={activity.title} />
        <div class="meta">
          <span>{kindOf(activity)}</span>
          {activity.durationMs !== undefined && <span>{clock(activity.durationMs / 1000)}</span>}
          <Where activity={activity} />
          <Outcome activity={activity} />
        </div>
      </div>
      <span class={`dot ${activity.state}`}>
        {activity.state === 'completed' && <Icon name="check" />}
        <span class="hidden">{t(`state.${activity.state}`)}</span>
      </span>
    </a>
  );
}

const kindOf = (activity: ActivityCard): string =>
  t(`kind.${activity.quiz ?? activity.kind}`);

/** Only what is not on the phone is worth a word: the rest simply opens. */
function Where({ activity }: { activity: ActivityCard }): JSX.Element | null {
  if (activity.stored) return null;
  const extra = activity.tier === 'supplementary';
  return (
    <>
      {extra && <span>{t('tier.supplementary')}</span>}
      <WithIcon name="down">
        {t(extra ? 'stored.online' : 'stored.no')}
        {activity.bytes > 0 && <> · {size(activity.bytes)}</>}
      </WithIcon>
    </>
  );
}

function Outcome({ activity }: { activity: ActivityCard }): JSX.Element | null {
  if (activity.waiting) return <WithIcon name="send">{t('waiting.one')}</WithIcon>;
  const { result } = activity;
  if (!result || result.state !== 'graded') return null;
  return (
    <span class={result.passed ? 'good' : ''}>
      {scored('result.points', result.score, result.max)} ·{' '}
      {t(result.passed ? 'result.passed' : 'result.failed')}
    </span>
  );
}
