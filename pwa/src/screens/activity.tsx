/** One activity: its name, its content by kind, and below the thumb what comes next. */

import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ActivityCard, Course } from '../model.ts';
import { said, t } from '../strings/words.ts';
import { activityAfter, activityOf } from './course.tsx';
import { Page } from './page.tsx';
import { Back, Bar, Button, Heading, Opening, Said, Trouble, WithIcon } from './parts.tsx';
import type { Place } from './props.ts';
import { Resource } from './resource.tsx';
import { to } from './router.ts';
import { useDeed, useLoaded, useSnapshot, useTiffin, type Deed } from './tiffin.ts';
import { withTool } from './with_tool.tsx';

export function Activity({ course: courseId, id }: { course: string; id: string }): JSX.Element {
  const tiffin = useTiffin();
  const { value: course, problem, again } = useLoaded(() => tiffin.course(courseId), [courseId], useSnapshot());
  const deed = useDeed();
  const card = course && activityOf(course, id);
  useEffect(() => {
    // That something was opened is the least of what is counted: a full phone must not keep her from reading.
    if (card) tiffin.opened(courseId, id).catch(() => undefined);
  }, [Boolean(card)]);
  return (
    <main id="main">
      <Back href={to('course', courseId)}>{course ? <Said text={course.title} /> : t('nav.shelf')}</Back>
      {problem && <Trouble code={problem} again={again} />}
      {!course && !problem && <Opening />}
      {course && !card && <NotThere course={course} />}
      {course && card && <Content course={course} card={card} deed={deed} />}
    </main>
  );
}

function NotThere({ course }: { course: Course }): JSX.Element {
  const isTaken = course.taken !== 'no';
  const title = isTaken ? t('course.empty') : said(course.title);
  return (
    <>
      <Heading name={title}>{title}</Heading>
      {isTaken ? <p>{t('course.emptyLead')}</p> : <Trouble code="not_on_phone" />}
    </>
  );
}

const KINDS = { page: Page, video: withTool<Place>('video'), quiz: withTool<Place>('quiz'), resource: Resource };

function Content({ course, card, deed }: { course: Course; card: ActivityCard; deed: Deed }): JSX.Element {
  const tiffin = useTiffin();
  const done = () => card.state !== 'completed' && deed.run(() => tiffin.completed(course.id, card.id));
  const Kind = KINDS[card.kind];
  return (
    <div class="in-course">
      <Heading name={said(card.title)}>
        <Said text={card.title} />
      </Heading>
      {deed.problem && <Trouble code={deed.problem} />}
      <Kind course={course.id} card={card} done={done} mark={card.state !== 'completed' && <Mark card={card} done={done} />} />
      {card.state === 'completed' && <Onward course={course} card={card} />}
    </div>
  );
}

const Mark = ({ card, done }: { card: ActivityCard; done: () => unknown }): JSX.Element => (
  <Bar>
    <Button class={card.kind === 'video' ? '' : 'main'} icon="check" act={done}>
      {t('activity.done')}
    </Button>
  </Bar>
);

function Onward({ course, card }: { course: Course; card: ActivityCard }): JSX.Element {
  const next = activityAfter(course, card.id);
  return (
    <Bar>
      <span class="good row">
        <WithIcon name="check">{t('activity.isDone')}</WithIcon>
      </span>
      <a class="button main" href={next ? to('course', course.id, next.id) : to('course', course.id)}>
        {next ? t('activity.next', { title: said(next.title) }) : t('activity.toCourse')}
      </a>
    </Bar>
  );
}
