/** A class by its list: pasted or dropped, looked through, then made in one go, with a sheet of codes to print. */

import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { send, type Refused, type Shapes } from '../api.ts';
import { useData } from '../data.ts';
import { chooseAnew, Trouble } from '../parts.tsx';
import { say, t } from '../words.ts';
import { ClassPreview, type Member } from './class_preview.tsx';
import { CodeSheet } from './code_sheet.tsx';

const FILE_BYTES_MAX = 128 << 10; // as the server takes; more is no list of names

export function ClassList(): JSX.Element {
  const courses = useData<Shapes['CourseRow'][]>('/v1/courses');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [preview, setPreview] = useState<Shapes['ClassPreview']>();
  const [sheet, setSheet] = useState<Shapes['CodeSheet']>();
  const [problem, setProblem] = useState<Refused>();

  const look = () =>
    send<Shapes['ClassPreview']>('/v1/class-lists/preview', new Blob([text], { type: 'text/plain' })).then(
      (found) => (setPreview(found), setProblem(undefined), scrollTo(0, 0)),
      setProblem,
    );
  const make = (members: readonly Member[]) =>
    send<Shapes['CodeSheet']>('/v1/class-lists', { members, courses: chosen }).then(
      (made) => (setSheet(made), setProblem(undefined), scrollTo(0, 0)),
      setProblem,
    );
  const begin = () => (setText(''), setPreview(undefined), setSheet(undefined));

  if (sheet) return <CodeSheet sheet={sheet} onAgain={begin} />;
  return (
    <>
      <p>
        <a href="/trainer">{t('learner.back')}</a>
      </p>
      <h1>{t('class.add')}</h1>
      {problem && <Trouble problem={problem} />}
      {preview ? (
        <ClassPreview preview={preview} courses={courses.value ?? []} onChange={() => setPreview(undefined)} onMake={make} />
      ) : (
        <form class="class-list" onSubmit={(event) => (event.preventDefault(), void look())}>
          <p>{t('class.lead')}</p>
          <Names text={text} onText={setText} />
          <Courses courses={courses.value ?? []} chosen={chosen} onChosen={setChosen} />
          <p class="actions">
            <button class="main" disabled={!text.trim()}>
              {t('class.look')}
            </button>
          </p>
        </form>
      )}
    </>
  );
}

/** Where the list is pasted, typed or dropped. */
function Names({ text, onText }: { text: string; onText: (text: string) => void }): JSX.Element {
  const [trouble, setTrouble] = useState<'class.notText' | 'class.tooLarge'>();

  async function take(file: File | undefined) {
    if (!file) return;
    const read = file.size > FILE_BYTES_MAX ? undefined : textOf(await file.arrayBuffer());
    setTrouble(file.size > FILE_BYTES_MAX ? 'class.tooLarge' : read === undefined ? 'class.notText' : undefined);
    if (read !== undefined) onText(read);
  }

  function drop(event: DragEvent) {
    const file = event.dataTransfer?.files[0];
    if (!file) return; // text that is dragged, the browser puts where it is dropped
    event.preventDefault();
    void take(file);
  }

  return (
    <>
      <label class="field">
        <span>{t('class.names')}</span>
        <textarea
          rows={12}
          dir="auto"
          spellcheck={false}
          placeholder={t('class.example')}
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
          onDragOver={(event) => event.preventDefault()}
          onDrop={drop}
        />
      </label>
      <label class="field">
        <span>{t('class.file')}</span>
        <input
          type="file"
          accept=".csv,.tsv,.txt,text/*"
          onClick={chooseAnew}
          onChange={(event) => void take(event.currentTarget.files?.[0])}
        />
      </label>
      {trouble && (
        <p class="trouble" role="alert">
          {t(trouble)}
        </p>
      )}
    </>
  );
}

/** As spreadsheets save it: UTF-8, or UTF-16 with its mark; undefined for what is no text. */
function textOf(bytes: ArrayBuffer): string | undefined {
  const [first, second] = new Uint8Array(bytes);
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

interface CoursesProps {
  readonly courses: readonly Shapes['CourseRow'][];
  readonly chosen: readonly string[];
  readonly onChosen: (chosen: readonly string[]) => void;
}

const Courses = ({ courses, chosen, onChosen }: CoursesProps): JSX.Element => (
  <fieldset>
    <legend>{t('class.courses')}</legend>
    {courses.map(({ id, title }) => (
      <label key={id} class="check">
        <input
          type="checkbox"
          checked={chosen.includes(id)}
          onChange={({ currentTarget }) => onChosen(currentTarget.checked ? [...chosen, id] : chosen.filter((one) => one !== id))}
        />
        {say(title)}
      </label>
    ))}
  </fieldset>
);
