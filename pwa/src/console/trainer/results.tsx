/** A table of learners and graded quizzes. What counts stands in each cell; the learner's page has the rest. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { csv } from '../csv.ts';
import { useData, useWhile } from '../data.ts';
import { Empty, Loaded, Mark, Table } from '../parts.tsx';
import { GradesFrom } from './hub.tsx';
import { GradedAgain } from './regrading.tsx';
import { points, say, t } from '../words.ts';

type AllResults = Shapes['CourseResults'];

export function Results({ course }: { course: string }): JSX.Element {
  const results = useData<AllResults>(`/v1/courses/${encodeURIComponent(course)}/results`);
  useWhile(results.value?.quizzes.some((quiz) => quiz.regrading > 0) ?? false, results);
  return (
    <>
      <p>
        <a href="/trainer/courses">{t('nav.courses')}</a>
      </p>
      <Loaded data={results}>{(value) => <Matrix results={value} />}</Loaded>
    </>
  );
}

function Matrix({ results }: { results: AllResults }): JSX.Element {
  const title = t('results.title', { course: say(results.title) });
  const columns = [t('learners.name'), ...results.quizzes.map((quiz) => say(quiz.title))];
  const itemsOf = (activity: string) => `/trainer/courses/${encodeURIComponent(results.course)}/results/${encodeURIComponent(activity)}`;
  if (!results.learners.length) return <Empty>{t('results.none')}</Empty>;
  return (
    <>
      <div class="head">
        <h1>{title}</h1>
        <a class="button" href={fileOf(results)} download={`${results.course}.csv`}>
          {t('results.file')}
        </a>
      </div>
      <GradesFrom />
      {results.quizzes.map((quiz) => (
        <GradedAgain key={quiz.activity} left={quiz.regrading} title={say(quiz.title)} />
      ))}
      <p class="actions">
        {results.quizzes.map((quiz) => (
          <a key={quiz.activity} class="button" href={itemsOf(quiz.activity)}>
            {t('items.open', { title: say(quiz.title) })}
          </a>
        ))}
      </p>
      <Table label={title} columns={columns.map((column) => ({ title: column }))}>
        {results.learners.map((row) => (
          <tr key={row.learner.id}>
            <th scope="row">
              <a href={`/trainer/learners/${row.learner.id}`}>{row.learner.name}</a>
            </th>
            {row.cells.map((cell, place) => (
              <td key={place}>{cell ? <Cell cell={cell} /> : <span class="quiet">–</span>}</td>
            ))}
          </tr>
        ))}
      </Table>
    </>
  );
}

function Cell({ cell }: { cell: Shapes['ResultCell'] }): JSX.Element {
  const kind = cell.state === 'review' ? 'bad' : cell.passed ? 'good' : 'wait';
  const words = cell.state === 'graded' ? t(cell.passed ? 'attempt.passed' : 'attempt.notPassed') : t(`attempt.${cell.state}`);
  return (
    <>
      {t('attempt.score', { score: points(cell.score), max: points(cell.score_max) })} <Mark kind={kind}>{words}</Mark>{' '}
      <span class="quiet">{t('results.attempts', { n: cell.attempts })}</span>
    </>
  );
}

function fileOf(results: AllResults): string {
  const head = ['learner', ...results.quizzes.map((quiz) => quiz.activity)];
  const rows = results.learners.map((row) => [row.learner.name, ...row.cells.map((cell) => (cell ? String(cell.score / 1000) : ''))]);
  return `data:text/csv;charset=utf-8,${encodeURIComponent(csv([head, ...rows]))}`;
}
