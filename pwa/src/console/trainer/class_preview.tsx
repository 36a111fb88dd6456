/** A list as it was read, before anybody is made: who will be, who is here already, which lines are odd and why. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { Empty, Mark, Table } from '../parts.tsx';
import { LANGUAGES, number, say, t } from '../words.ts';

type Preview = Shapes['ClassPreview'];
type Listed = Shapes['ListedLearner'];
type CourseRows = readonly Shapes['CourseRow'][];
export type Member = Shapes['ClassMember'];

/** What becomes of a learner whose name is taken: left out, made all the same, or (an id) given a new code. */
type Choice = string;
const LEAVE: Choice = '';
const ANOTHER: Choice = 'another';
const SAME: Choice = 'same'; // of everybody at once: whoever came first under that name

interface Props {
  readonly preview: Preview;
  readonly courses: CourseRows;
  readonly onChange: () => void;
  readonly onMake: (members: readonly Member[]) => Promise<unknown>;
}

export function ClassPreview({ preview, courses, onChange, onMake }: Props): JSX.Element {
  const [choices, setChoices] = useState<ReadonlyMap<number, Choice>>(new Map());
  const [busy, setBusy] = useState(false);
  const taken = preview.listed.filter(isTaken);
  const members = preview.listed.flatMap((one) => memberOf(one, choices.get(one.line) ?? LEAVE));

  const choose = (line: number, choice: Choice) => setChoices(new Map(choices).set(line, choice));
  const chooseAll = (choice: Choice) =>
    setChoices(new Map(taken.map((one) => [one.line, choice === SAME ? (invited(one)[0]?.id ?? LEAVE) : choice])));
  const make = () => (setBusy(true), void onMake(members).finally(() => setBusy(false)));

  return (
    <section class="class-preview">
      <Counts preview={preview} />
      {preview.unread.length > 0 && <p class="quiet">{t('class.unread', { columns: preview.unread.join(', ') })}</p>}
      {preview.odd.length > 0 && <Odd odd={preview.odd} />}
      {preview.listed.length ? (
        <>
          {taken.some((one) => one.namesakes?.length) && <ForAll onChosen={chooseAll} />}
          <List listed={preview.listed} courses={courses} choices={choices} onChosen={choose} />
        </>
      ) : (
        <Empty>{t('class.nobody')}</Empty>
      )}
      <p class="actions">
        <button class="main" disabled={!members.length || busy} onClick={make}>
          {t('class.go', { n: members.length })}
        </button>
        <button disabled={busy} onClick={onChange}>
          {t('class.change')}
        </button>
        {busy && <span role="status">{t('class.busy')}</span>}
      </p>
    </section>
  );
}

const isTaken = (one: Listed): boolean => Boolean(one.namesakes?.length) || one.twice != null;
const invited = (one: Listed): Shapes['Namesake'][] => (one.namesakes ?? []).filter(({ may_invite }) => may_invite);

function memberOf(one: Listed, choice: Choice): Member[] {
  if (isTaken(one) && choice === LEAVE) return [];
  const { name, language, courses } = one;
  const isSame = isTaken(one) && choice !== ANOTHER;
  return [{ name, language: language ?? '', courses, same_as: isSame ? choice : '', another: choice === ANOTHER }];
}

function Counts({ preview: { listed, odd } }: { preview: Preview }): JSX.Element {
  const fresh = listed.filter((one) => !isTaken(one)).length;
  const here = listed.filter((one) => one.namesakes?.length).length;
  const twice = listed.filter((one) => isTaken(one) && !one.namesakes?.length).length;
  return (
    <p class="counts" role="status">
      <Mark kind="good">{t('class.willAdd', { n: fresh })}</Mark>
      {here > 0 && <Mark kind="wait">{t('class.here', { n: here })}</Mark>}
      {twice > 0 && <Mark kind="wait">{t('class.twiceCount', { n: twice })}</Mark>}
      {odd.length > 0 && <Mark kind="bad">{t('class.oddCount', { n: odd.length })}</Mark>}
    </p>
  );
}

function Odd({ odd }: { odd: Preview['odd'] }): JSX.Element {
  const columns = [t('class.line'), t('class.why')];
  return (
    <>
      <h2>{t('class.odd')}</h2>
      <Table label={t('class.odd')} columns={columns.map((title) => ({ title }))}>
        {odd.map(({ line, text, reason, about }) => (
          <tr key={line}>
            <td>{number(line)}</td>
            <td>
              <bdi>{text}</bdi>
              <div class="quiet">{t(`odd.${reason}`, { about })}</div>
            </td>
          </tr>
        ))}
      </Table>
      <h2>{t('class.names')}</h2>
    </>
  );
}

const ForAll = ({ onChosen }: { onChosen: (choice: Choice) => void }): JSX.Element => (
  <label class="field for-all">
    <span>{t('class.hereAll')}</span>
    <select onChange={(event) => onChosen(event.currentTarget.value)}>
      <option value={LEAVE}>{t('class.leave')}</option>
      <option value={SAME}>{t('class.same')}</option>
    </select>
  </label>
);

interface ListProps {
  readonly listed: readonly Listed[];
  readonly courses: CourseRows;
  readonly choices: ReadonlyMap<number, Choice>;
  readonly onChosen: (line: number, choice: Choice) => void;
}

function List({ listed, courses, choices, onChosen }: ListProps): JSX.Element {
  const columns = [t('class.line'), t('learners.name'), t('class.what')];
  return (
    <Table label={t('class.names')} columns={columns.map((title) => ({ title }))}>
      {listed.map((one) => (
        <tr key={one.line}>
          <td>{number(one.line)}</td>
          <th scope="row">
            <bdi>{one.name}</bdi>
            <div class="quiet besides">{[languageName(one.language), titles(one.courses, courses)].filter(Boolean).join(' · ')}</div>
          </th>
          <td>
            {isTaken(one) ? (
              <Taken one={one} courses={courses} choice={choices.get(one.line) ?? LEAVE} onChosen={(choice) => onChosen(one.line, choice)} />
            ) : (
              <Mark kind="good">{t('class.new')}</Mark>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

interface TakenProps {
  readonly one: Listed;
  readonly courses: CourseRows;
  readonly choice: Choice;
  readonly onChosen: (choice: Choice) => void;
}

/** Her name is here already: whether she is the same person is for the trainer to say. */
function Taken({ one, courses, choice, onChosen }: TakenProps): JSX.Element {
  const inCourses = (known: readonly string[]) => titles(known, courses);
  return (
    <div class="marks taken">
      {one.namesakes?.map(({ id, name, courses: known }) => (
        <Mark key={id} kind="wait">
          <a href={`/trainer/learners/${id}`} target="_blank">
            <bdi>{name}</bdi>
          </a>
          {known.length > 0 && ` · ${inCourses(known)}`}
        </Mark>
      ))}
      {one.twice != null && <Mark kind="wait">{t('class.twice', { line: one.twice })}</Mark>}
      <select aria-label={`${t('class.what')}: ${one.name}`} value={choice} onChange={(event) => onChosen(event.currentTarget.value)}>
        <option value={LEAVE}>{t('class.leave')}</option>
        {invited(one).map(({ id, courses: known }) => (
          <option key={id} value={id}>
            {known.length && invited(one).length > 1 ? t('class.sameIn', { courses: inCourses(known) }) : t('class.same')}
          </option>
        ))}
        <option value={ANOTHER}>{t('class.another')}</option>
      </select>
    </div>
  );
}

const languageName = (code: string): string => (LANGUAGES as Record<string, string>)[code] ?? code;

const titles = (ids: readonly string[], courses: CourseRows): string =>
  ids.map((id) => say(courses.find((course) => course.id === id)?.title ?? { en: id })).join(', ');
