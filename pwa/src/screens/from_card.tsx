/** Courses from a memory card: picking its files, and what came of each course on it. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from '../look/icons.tsx';
import type { CourseCard, TakenCard } from '../model.ts';
import { said, t } from '../strings/words.ts';
import { size } from './format.ts';
import { Line, Trouble } from './parts.tsx';
import { announce, useDeed, useSnapshot, useTiffin } from './tiffin.ts';

export function FromCard(): JSX.Element {
  const tiffin = useTiffin();
  const { run, busy, problem } = useDeed();
  const [taken, setTaken] = useState<TakenCard>();
  const [files, setFiles] = useState<readonly File[]>([]);
  const take = (picked: readonly File[], also: readonly string[]) => {
    setFiles(picked);
    setTaken(undefined);
    return run(async () => {
      setTaken(await tiffin.takeCard(picked, also));
      announce(t('card.done'));
    });
  };
  const pick = (input: HTMLInputElement) => {
    if (input.files?.length) void take([...input.files], []).finally(() => (input.value = '')); // the same may be picked again
  };
  return (
    <details class="card">
      <summary>
        <strong>{t('card.title')}</strong>
      </summary>
      <p>{t('card.lead')}</p>
      {problem === 'tampered' ? <Wrong /> : problem && <Trouble code={problem} />}
      {busy && <Copying />}
      {taken && <Outcome taken={taken} />}
      {taken?.offered.map((course) => (
        <Offered key={course.id} course={course} take={() => void take(files, [course.id])} />
      ))}
      <label class="button">
        {t('card.pick')}
        <input class="hidden" type="file" multiple disabled={busy} onChange={(event) => pick(event.currentTarget)} />
      </label>
    </details>
  );
}

const Wrong = (): JSX.Element => (
  <div class="card trouble" role="alert">
    <p class="with-icon">
      <Icon name="alert" />
      <strong>{t('card.wrong')}</strong>
    </p>
    <p>{t('card.wrongDo')}</p>
  </div>
);

function Copying(): JSX.Element {
  const taking = useSnapshot().courses.find((course) => course.taken === 'taking');
  if (!taking) return <p role="status">{t('card.reading')}</p>;
  const { storedBytes, totalBytes } = taking;
  return (
    <div>
      <Line part={storedBytes} whole={totalBytes} name={said(taking.title)} />
      <p class="quiet under">
        {said(taking.title)} · {t('taken.taking', { done: size(storedBytes), total: size(totalBytes) })}
      </p>
    </div>
  );
}

function Outcome({ taken }: { taken: TakenCard }): JSX.Element {
  const { courses } = useSnapshot();
  const { isCut, absentFiles, offered, others } = taken;
  return (
    <>
      {taken.courses.map((fate) => (
        <Fate key={fate.id} fate={fate} course={courses.find(({ id }) => id === fate.id)} />
      ))}
      {!taken.courses.length && !offered.length && <p>{t('card.none')}</p>}
      {others > 0 && <p class="quiet">{t('card.others', { n: others })}</p>}
      {isCut && <p>{t('card.cut')}</p>}
      {absentFiles.length > 0 && <p>{t('card.absent', { files: absentFiles.join(', ') })}</p>}
    </>
  );
}

/** One that nobody put her on yet, as far as this phone has heard. */
function Offered({ course, take }: { course: TakenCard['offered'][number]; take(): void }): JSX.Element {
  const title = said(course.title);
  return (
    <div class="card">
      <p>
        <strong>{title}</strong> · {size(course.bytes)}
      </p>
      <p class="quiet">{t('card.offered')}</p>
      <button class="button" onClick={take}>
        {t('card.take', { title })}
      </button>
    </div>
  );
}

function Fate({ fate, course }: { fate: TakenCard['courses'][number]; course: CourseCard | undefined }): JSX.Element | null {
  if (!course) return null;
  const title = said(course.title);
  if (fate.isOlder) return <p>{t('card.older', { title })}</p>;
  if (fate.problem === 'offline') return <p>{t('card.lacks', { title, size: size(course.totalBytes - course.storedBytes) })}</p>;
  if (fate.problem === 'tampered') return <p>{t('card.refused', { title })}</p>;
  if (fate.problem) return <Trouble code={fate.problem} />;
  return (
    <>
      <p class="with-icon good">
        <Icon name="check" />
        <span>{t('card.whole', { title })}</span>
      </p>
      {fate.isNew && <p>{t('card.new')}</p>}
    </>
  );
}
