/** The shelf: her courses as tins, what of each is on the phone, and what it costs to take it along. */

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Tin } from '../look/icons.tsx';
import type { CourseCard } from '../model.ts';
import { said, t } from '../strings/words.ts';
import { size } from './format.ts';
import { Button, Empty, Heading, Progress, Said, Trouble } from './parts.tsx';
import { to } from './router.ts';
import { canRemove, RemoveButton, Removing, Taking } from './taking.tsx';
import { announce, useSnapshot, useTiffin } from './tiffin.ts';
import { withTool } from './with_tool.tsx';

export function Shelf(): JSX.Element {
  const { courses, problem, profile, profiles } = useSnapshot();
  return (
    <main id="main">
      {profiles.length > 1 && profile && (
        <p class="quiet">
          <bdi>{profile.learner}</bdi> · <bdi>{profile.organisation}</bdi>
        </p>
      )}
      <Heading name={t('shelf.title')}>{t('shelf.title')}</Heading>
      {problem && <Trouble code={problem} />}
      {courses.length ? (
        <ul class="plain">
          {courses.map((course) => (
            <li key={course.id}>
              <OnTheShelf course={course} />
            </li>
          ))}
        </ul>
      ) : (
        <NoCourse />
      )}
      <FromCard />
    </main>
  );
}

const FromCard = withTool<object>('card', true);

function NoCourse(): JSX.Element {
  const tiffin = useTiffin();
  const { sending, lastExchange } = useSnapshot();
  const failed = lastExchange && !lastExchange.ok ? (lastExchange.problem ?? 'offline') : undefined;
  return (
    <Empty title={t('shelf.empty')} lead={t('shelf.emptyLead')}>
      <Button class="main" icon="down" disabled={sending} act={() => tiffin.exchange()}>
        {t(sending ? 'loading' : 'shelf.look')}
      </Button>
      {failed && !sending && <Trouble code={failed} />}
    </Empty>
  );
}

function OnTheShelf({ course }: { course: CourseCard }): JSX.Element {
  const [isAsking, ask] = useState(false);
  useArrival(course);
  return (
    <article class="card course" aria-label={said(course.title)}>
      <Tin taken={course.taken} part={course.totalBytes ? course.storedBytes / course.totalBytes : 0} />
      <div>
        <h2>
          <a href={to('course', course.id)}>
            <Said text={course.title} />
          </a>
        </h2>
        <p class="quiet">{kept(course)}</p>
      </div>
      {(course.storedBytes > 0 || course.completed > 0) && (
        <div class="foot">
          <Progress course={course} />
          {canRemove(course) && <RemoveButton course={course} ask={() => ask(true)} />}
        </div>
      )}
      {isAsking ? <Removing course={course} close={() => ask(false)} /> : <Taking course={course} />}
    </article>
  );
}

function kept(course: CourseCard): string {
  const fill = { done: size(course.storedBytes), total: size(course.totalBytes) };
  const words = t(`taken.${course.taken}`, fill);
  return course.taken === 'no' || course.taken === 'yes' ? `${words} · ${fill.total}` : words;
}

/** Says it when a course has come to the phone in full. */
function useArrival(course: CourseCard): void {
  const before = useRef(course.taken);
  useEffect(() => {
    const arrived = before.current === 'taking' && course.taken === 'yes';
    if (arrived) announce(t('take.arrived', { title: said(course.title) }));
    before.current = course.taken;
  }, [course.taken]);
}
