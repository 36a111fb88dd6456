/** A course's results: how many stand how at each graded quiz, and the learners behind each figure. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { useData, useWhile } from '../data.ts';
import { useIsHub } from '../here.ts';
import { Choose, Empty, Loaded, Mark, Pages, SaveFile, Search, Table } from '../parts.tsx';
import { usePlace } from '../place.ts';
import { GradesFrom } from './hub.tsx';
import { GradedAgain } from './regrading.tsx';
import { number, points, say, t } from '../words.ts';

type Page = Shapes['CourseResults'];
type Quiz = Shapes['QuizColumn'];
type Standing = Shapes['QuizStanding'];

const MARKS = { waiting: 'bad', not_passed: 'bad', not_counted: 'out', not_tried: 'none', passed: 'good', excused: 'out' } as const;
const STANDINGS = Object.keys(MARKS) as Standing[];

export function Results({ course }: { course: string }): JSX.Element {
  const { query } = usePlace();
  const path = `/v1/courses/${encodeURIComponent(course)}/results`;
  const results = useData<Page>(`${path}?${query}`);
  useWhile(results.value?.quizzes.some((quiz) => quiz.regrading > 0) ?? false, results);
  return (
    <>
      <p>
        <a href="/trainer/courses">{t('nav.courses')}</a>
      </p>
      <Loaded data={results}>
        {(page) => (
          <>
            <div class="head">
              <h1>{t('results.title', { course: say(page.title) })}</h1>
              <SaveFile path={`${path}.csv?${query}`} />
            </div>
            <p class="quiet">{t('results.enrolled', { n: page.learners })}</p>
            <GradesFrom />
            <Class page={page} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Class({ page }: { page: Page }): JSX.Element {
  if (!page.learners) return <Empty>{t('results.nobody')}</Empty>;
  return (
    <>
      {page.quizzes.length ? page.quizzes.map((quiz) => <Figures key={quiz.activity} course={page.course} quiz={quiz} />) : <Empty>{t('results.noQuiz')}</Empty>}
      <Narrowing quizzes={page.quizzes} />
      {page.items.length ? <List page={page} /> : <Empty>{t('results.noMatch')}</Empty>}
      <Pages page={page} />
    </>
  );
}

/** Over everyone who is enrolled, whatever the list below is narrowed to. */
function Figures({ course, quiz }: { course: string; quiz: Quiz }): JSX.Element {
  const { query } = usePlace();
  const title = say(quiz.title);
  const isShown = (standing: Standing) => query.get('standing') === standing && query.get('quiz') === quiz.activity;
  return (
    <section class="card">
      <div class="head">
        <h2>{title}</h2>
        <a href={`/trainer/courses/${encodeURIComponent(course)}/results/${encodeURIComponent(quiz.activity)}`}>{t('items.open', { title })}</a>
      </div>
      <GradedAgain left={quiz.regrading} title={title} />
      <ul class="standings">
        {quiz.standings
          .filter(({ count }) => count > 0)
          .map(({ standing, count }) => (
            <li key={standing}>
              <a href={`?${new URLSearchParams({ quiz: quiz.activity, standing })}`} aria-current={isShown(standing) ? 'true' : undefined}>
                <b>{number(count)}</b> <Stands standing={standing} />
              </a>
            </li>
          ))}
      </ul>
    </section>
  );
}

function Stands({ standing }: { standing: Standing }): JSX.Element {
  const isThere = useIsHub() && standing === 'waiting';
  return <Mark kind={isThere ? 'wait' : MARKS[standing]}>{t(isThere ? 'standing.at_upstream' : `standing.${standing}`)}</Mark>;
}

function Narrowing({ quizzes }: { quizzes: readonly Quiz[] }): JSX.Element {
  const standings = STANDINGS.map((value) => ({ value, label: t(`standing.${value}`) }));
  const each = quizzes.map((quiz) => ({ value: quiz.activity, label: say(quiz.title) }));
  const orders = [
    { value: '', label: t('results.byNeed') },
    { value: 'name', label: t('results.byName') },
  ];
  return (
    <div class="filters">
      <Search label={t('learners.search')} />
      {quizzes.length > 0 && <Choose label={t('devices.filter')} name="standing" options={[{ value: '', label: t('results.everyone') }, ...standings]} />}
      {quizzes.length > 1 && <Choose label={t('results.at')} name="quiz" options={[{ value: '', label: t('results.anyQuiz') }, ...each]} />}
      <Choose label={t('results.order')} name="order" options={orders} clears="descending" />
    </div>
  );
}

function List({ page }: { page: Page }): JSX.Element {
  const columns = [{ title: t('learners.name'), order: 'name' }, ...page.quizzes.map((quiz) => ({ title: say(quiz.title) }))];
  return (
    <Table label={t('results.title', { course: say(page.title) })} columns={columns}>
      {page.items.map((row) => (
        <tr key={row.learner.id}>
          <th scope="row">
            <a href={`/trainer/learners/${row.learner.id}`}>{row.learner.name}</a>
          </th>
          {row.cells.map((cell, place) => (
            <td key={place}>
              <Cell cell={cell} />
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

function Cell({ cell }: { cell: Shapes['ResultCell'] }): JSX.Element {
  const about = [cell.attempts ? t('results.attempts', { n: cell.attempts }) : '', cell.given ? t('results.given') : ''].filter(Boolean);
  return (
    <div class="result">
      {cell.score !== null && <span>{t('attempt.score', { score: points(cell.score), max: points(cell.score_max) })}</span>}
      <Stands standing={cell.standing} />
      <span class="quiet">{about.join(' · ')}</span>
    </div>
  );
}
