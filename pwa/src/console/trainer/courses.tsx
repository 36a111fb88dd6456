/** Courses and their releases: what was packed, what is published, and the button that publishes. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { send, type Refused, type Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { Ago, Empty, Loaded, Mark, Table, Trouble } from '../parts.tsx';
import { date, number, say, size, t } from '../words.ts';
import { Packing, usePacks } from './packs.tsx';

type Course = Shapes['CourseRow'];
type Pack = Shapes['PackDetail'];
type Release = Shapes['PackedReleaseRow'];
const TIERS = ['essential', 'important', 'supplementary'] as const;

export function Courses(): JSX.Element {
  const courses = useData<Course[]>('/v1/courses');
  const packs = usePacks(courses.again);
  const packOf = (id: string) => packs.value?.find((pack) => pack.course === id);
  return (
    <>
      <h1>{t('nav.courses')}</h1>
      {packs.problem && !courses.problem && <Trouble problem={packs.problem} again={packs.again} />}
      <Loaded data={courses}>
        {(rows) => (
          <>
            {rows.map((row) => (
              <OneCourse key={row.id} course={row} pack={packOf(row.id)} again={courses.again} packsAgain={packs.again} />
            ))}
            {(packs.value ?? []).filter((pack) => !rows.some((row) => row.id === pack.course)).map((pack) => (
              <Unreleased key={pack.course} pack={pack} again={packs.again} />
            ))}
            {!rows.length && packs.value?.length === 0 && <Empty>{t('courses.none')}</Empty>}
          </>
        )}
      </Loaded>
    </>
  );
}

/** A course of which no release is made yet: its first packing is under way, or did not come to its end. */
const Unreleased = ({ pack, again }: { pack: Pack; again: () => void }): JSX.Element => (
  <section class="card">
    <h2>
      <bdi>{pack.course}</bdi>
    </h2>
    <Packing title={pack.course} pack={pack} again={again} />
  </section>
);

interface CourseProps {
  course: Course;
  pack: Pack | undefined;
  again: () => void;
  packsAgain: () => void;
}

function OneCourse({ course, pack, again, packsAgain }: CourseProps): JSX.Element {
  const columns = [t('courses.number'), t('courses.packed'), t('courses.size'), t('courses.state'), t('courses.report')];
  return (
    <section class="card">
      <h2 id={course.id}>{say(course.title)}</h2>
      <p>
        {t('courses.learners', { n: course.learners })} · <a href={`/trainer/courses/${course.id}/results`}>{t('courses.results')}</a>
      </p>
      <Table label={`${say(course.title)}: ${t('courses.releases')}`} columns={columns.map((title) => ({ title }))}>
        {course.releases.map((release) => (
          <ReleaseRow key={release.number} course={course} release={release} again={again} />
        ))}
      </Table>
      {pack && <Packing title={say(course.title)} pack={pack} again={packsAgain} />}
    </section>
  );
}

function ReleaseRow({ course, release, again }: { course: Course; release: Release; again: () => void }): JSX.Element {
  return (
    <tr>
      <th scope="row">{number(release.number)}</th>
      <td>
        <Ago ms={release.packed_ms} />
      </td>
      <td>
        {TIERS.filter((tier) => release.bytes[tier]).map((tier) => (
          <div key={tier}>
            {size(release.bytes[tier] ?? 0)} <span class="quiet">{t(`tier.${tier}`)}</span>
          </div>
        ))}
      </td>
      <td>
        <State course={course} release={release} again={again} />
      </td>
      <td>
        <Report report={release.report} />
      </td>
    </tr>
  );
}

function State({ course, release, again }: { course: Course; release: Release; again: () => void }): JSX.Element {
  const [problem, setProblem] = useState<Refused>();
  const [busy, setBusy] = useState(false);
  const publish = () => {
    setBusy(true);
    send(`/v1/courses/${course.id}/releases/${release.number}/publish`)
      .then(again, setProblem)
      .finally(() => setBusy(false));
  };
  if (release.published_ms) {
    return <Mark kind={release.number === course.newest ? 'good' : 'none'}>{t('courses.published', { when: date(release.published_ms) })}</Mark>;
  }
  if (course.newest != null && release.number < course.newest) return <Mark kind="none">{t('courses.older')}</Mark>;
  return (
    <>
      <Mark kind="wait">{t('courses.onlyPacked')}</Mark>
      <p class="quiet">{t('courses.what')}</p>
      {problem && <Trouble problem={problem} />}
      <button class="main" disabled={busy} onClick={publish}>
        {busy ? t('courses.publishing') : t('courses.publish', { number: release.number })}
      </button>
    </>
  );
}

/** What packing says it dropped or degraded, item by item. */
function Report({ report }: { report: Release['report'] }): JSX.Element {
  const items = [...list(report['dropped']), ...list(report['degraded']), ...list(report['failed'])];
  if (!items.length) return <span class="quiet">{t('courses.nothingDropped')}</span>;
  return (
    <ul>
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))) : []);
