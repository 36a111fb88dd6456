/** Everyone who learns here: how far, when last heard, what waits on their phones. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { Ago, Choose, Empty, Loaded, Pages, Progress, Search, Table, Tins } from '../parts.tsx';
import { usePlace } from '../place.ts';
import { number, say, t } from '../words.ts';
import { NewLearner } from './new_learner.tsx';

export function Learners(): JSX.Element {
  const { query } = usePlace();
  const learners = useData<Shapes['LearnerPage']>(`/v1/learners?${query}`);
  const courses = useData<Shapes['CourseRow'][]>('/v1/courses');
  const [adding, setAdding] = useState(false);
  const options = (courses.value ?? []).map((course) => ({ value: course.id, label: say(course.title) }));

  return (
    <>
      <div class="head">
        <h1>{t('nav.learners')}</h1>
        <p class="actions">
          <button class="main" onClick={() => setAdding(true)}>
            {t('learners.add')}
          </button>
          <a class="button" href="/trainer/class">
            {t('class.add')}
          </a>
        </p>
      </div>
      {adding && <NewLearner courses={courses} onClose={() => (setAdding(false), learners.again())} />}
      <div class="filters">
        <Search label={t('learners.search')} />
        <Choose label={t('nav.courses')} name="course" options={[{ value: '', label: t('learners.all') }, ...options]} />
      </div>
      <Loaded data={learners}>{(page) => <List page={page} narrowed={query.has('search') || query.has('course')} />}</Loaded>
    </>
  );
}

function List({ page, narrowed }: { page: Shapes['LearnerPage']; narrowed: boolean }): JSX.Element {
  if (!page.items.length) return <Empty>{t(narrowed ? 'learners.noMatch' : 'learners.none')}</Empty>;
  const columns = [
    { title: t('learners.name'), order: 'name' },
    { title: t('learners.progress') },
    { title: t('learners.last'), order: 'last_exchange' },
    { title: t('learners.waiting'), order: 'waiting' },
    { title: t('learners.conflicts'), order: 'conflicts' },
    { title: t('learners.devices') },
  ];
  return (
    <>
      <Table label={t('nav.learners')} columns={columns}>
        {page.items.map((learner) => (
          <Row key={learner.id} learner={learner} />
        ))}
      </Table>
      <Pages page={page} />
    </>
  );
}

function Row({ learner }: { learner: Shapes['LearnerRow'] }): JSX.Element {
  const address = `/trainer/learners/${learner.id}`;
  return (
    <tr>
      <th scope="row">
        <a href={address}>{learner.name}</a>
      </th>
      <td>
        {learner.courses.map((course) => (
          <div key={course.course} class="course-progress">
            <span>{say(course.title)}</span>
            <Progress
              part={course.completed}
              whole={course.total}
              label={`${say(course.title)}: ${t('learners.done', { completed: course.completed, total: course.total })}`}
            />
          </div>
        ))}
      </td>
      <td>
        <Ago ms={learner.last_exchange_ms} />
      </td>
      <td>
        <Tins waiting={learner.waiting} />
      </td>
      <td>{learner.conflicts ? <a href={`${address}#conflicts`}>{number(learner.conflicts)}</a> : number(0)}</td>
      <td>{number(learner.devices)}</td>
    </tr>
  );
}
