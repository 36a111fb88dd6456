/** One learner's page: what all her phones agree on, what she handed in, and what met on the way. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { send, type Refused, type Shapes } from '../api.ts';
import { Conflicts } from '../conflicts.tsx';
import { useData } from '../data.ts';
import { Ago, Empty, Loaded, Mark, Progress, Said, Table, Tins, Trouble } from '../parts.tsx';
import { useNamedPart } from '../place.ts';
import { duration, say, t } from '../words.ts';
import { Attempts } from './attempts.tsx';
import { GradesFrom } from './hub.tsx';
import { Code, Dialog } from './new_learner.tsx';
import { TrainersWord } from './trainers_word.tsx';

type Detail = Shapes['LearnerDetail'];

export function LearnerPage({ id }: { id: string }): JSX.Element {
  const learner = useData<Detail>(`/v1/learners/${id}`);
  useNamedPart(learner.value !== undefined);
  return (
    <>
      <p>
        <a href="/trainer">{t('learner.back')}</a>
      </p>
      <Loaded data={learner}>{(value) => <Learner learner={value} again={learner.again} />}</Loaded>
    </>
  );
}

function Learner({ learner, again }: { learner: Detail; again: () => void }): JSX.Element {
  const [invitation, setInvitation] = useState<Shapes['Invitation']>();
  const [problem, setProblem] = useState<Refused>();
  const [busy, setBusy] = useState(false);
  const firstMet = learner.courses.find(({ conflicts }) => conflicts.length > 0);
  const invite = () => {
    setBusy(true); // a code is shown once: of two that are made, one would be lost
    send<Shapes['Invitation']>(`/v1/learners/${learner.id}/join-codes`)
      .then(setInvitation, setProblem)
      .finally(() => setBusy(false));
  };
  return (
    <>
      <div class="head">
        <h1>{learner.name}</h1>
        <button disabled={busy} onClick={invite}>{t('learner.code')}</button>
      </div>
      {problem && <Trouble problem={problem} />}
      <GradesFrom />
      {invitation && (
        <Dialog title={t('learner.code')} onClose={() => setInvitation(undefined)}>
          <Code name={learner.name} invitation={invitation} />
        </Dialog>
      )}
      {learner.courses.length === 0 && <Empty>{t('learner.noCourse')}</Empty>}
      {learner.courses.map((course) => (
        <Course key={course.course} learner={learner.id} course={course} isFirstMet={course === firstMet} again={again} />
      ))}
      <Enrolling learner={learner} again={again} />
      <section>
        <h2>{t('learner.devices')}</h2>
        <Devices devices={learner.devices} />
      </section>
    </>
  );
}

interface CourseProps {
  readonly learner: string;
  readonly course: Shapes['LearnerCourse'];
  /** Is it the first in which two phones' work met? A link leads there. */
  readonly isFirstMet: boolean;
  readonly again: () => void;
}

function Course({ learner, course, isFirstMet, again }: CourseProps): JSX.Element {
  const done = t('learners.done', { completed: course.completed, total: course.total });
  return (
    <section class="card">
      <h2>
        <Said text={course.title} /> {course.release !== null && <span class="quiet">{t('learner.release', { number: course.release })}</span>}
      </h2>
      <p>
        {done} <Progress part={course.completed} whole={course.total} label={done} />
      </p>
      <h3>{t('learner.attempts')}</h3>
      {course.attempts.length ? <Attempts attempts={course.attempts} learner={learner} again={again} /> : <Empty>{t('learner.noAttempts')}</Empty>}
      <p class="actions">
        {gradedOf(course).map(({ id, title }) => (
          <TrainersWord key={id} learner={learner} course={course.course} quiz={id} title={say(title)} again={again} />
        ))}
      </p>
      <h3>{t('learner.activities')}</h3>
      <Activities lessons={course.lessons} />
      <h3 id={isFirstMet ? 'conflicts' : undefined}>{t('learner.conflicts')}</h3>
      {course.conflicts.length ? <Conflicts rows={course.conflicts} onSaid={again} /> : <Empty>{t('learner.noConflicts')}</Empty>}
    </section>
  );
}

/** The quizzes that a trainer may say something of: those that are graded. */
const gradedOf = (course: Shapes['LearnerCourse']): Shapes['ActivityRow'][] =>
  course.lessons.flatMap(({ activities }) => activities).filter(({ quiz }) => quiz === 'graded');

const MARKS = { not_started: 'none', in_progress: 'wait', completed: 'good' } as const;

function Activities({ lessons }: { lessons: readonly Shapes['LessonRow'][] }): JSX.Element {
  return (
    <>
      {lessons.map((lesson) => (
        <div key={lesson.id}>
          <h4>{say(lesson.title)}</h4>
          <ul class="activities">
            {lesson.activities.map((activity) => (
              <li key={activity.id}>
                <Mark kind={MARKS[activity.state]}>{t(`state.${activity.state}`)}</Mark> <Said text={activity.title} />
                <Left activity={activity} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

/** What she left behind at an activity: how much she watched, her bookmarks and notes. */
function Left({ activity }: { activity: Shapes['ActivityRow'] }): JSX.Element {
  const facts = [
    activity.watched_seconds ? t('learner.watched', { seconds: duration(activity.watched_seconds) }) : '',
    activity.position_seconds != null ? t('learner.at', { seconds: duration(activity.position_seconds) }) : '',
    activity.bookmarks?.length ? `${t('learner.bookmarks')}: ${activity.bookmarks.map(duration).join(', ')}` : '',
  ].filter(Boolean);
  return (
    <>
      {facts.length > 0 && <span class="quiet"> {facts.join(' · ')}</span>}
      {activity.notes?.map((note) => (
        <blockquote key={note.id}>
          {note.texts.length > 1 && <p class="quiet">{t('learner.bothKept')}</p>}
          {note.texts.map((text) => (
            <p key={text} dir="auto">
              {text}
            </p>
          ))}
        </blockquote>
      ))}
    </>
  );
}

function Enrolling({ learner, again }: { learner: Detail; again: () => void }): JSX.Element | null {
  const courses = useData<Shapes['CourseRow'][]>('/v1/courses');
  const enrolled = new Set(learner.courses.map((course) => course.course));
  const others = (courses.value ?? []).filter((course) => !enrolled.has(course.id));
  const enrol = (course: string) => send(`/v1/learners/${learner.id}/enrolments`, { course, on: true }).then(again);
  return others.length ? (
    <p class="actions">
      {others.map((course) => (
        <button key={course.id} onClick={() => void enrol(course.id)}>
          {t('learner.enrol', { course: say(course.title) })}
        </button>
      ))}
    </p>
  ) : null;
}

function Devices({ devices }: { devices: Detail['devices'] }): JSX.Element {
  if (!devices.length) return <Empty>{t('learner.noDevice')}</Empty>;
  const columns = [{ title: t('devices.label') }, { title: t('devices.last') }, { title: t('devices.waiting') }];
  return (
    <Table label={t('learner.devices')} columns={columns}>
      {devices.map((device) => (
        <tr key={`${device.id}/${device.profile}`}>
          <th scope="row">{device.label || device.id.slice(0, 8)}</th>
          <td>
            <Ago ms={device.last_exchange_ms} />
          </td>
          <td>
            <Tins waiting={device.waiting} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
