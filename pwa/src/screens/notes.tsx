/** Notes on an activity. Where two phones wrote the same note, both texts stand until she joins them. */

import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Note } from '../model.ts';
import { t } from '../strings/words.ts';
import { Button, IconButton, Trouble } from './parts.tsx';
import type { NotesProps } from './props.ts';
import { announce, useDeed, useLoaded, useSnapshot, useTiffin } from './tiffin.ts';

const NOTE_CHARACTERS_MAX = 4000; // two screens of writing; a note travels whole each time it changes
const BETWEEN = '\n\n';

export function Notes({ course, activity }: NotesProps): JSX.Element {
  const tiffin = useTiffin();
  const { value, problem, again } = useLoaded(() => tiffin.notes(course, activity), [course, activity], useSnapshot());
  const deed = useDeed();
  const [writing, setWriting] = useState<string>(); // the id of a note, or '' for a new one

  const put = async (text: string, id?: string) => {
    const kept = await deed.run(() => tiffin.putNote(course, activity, text, id));
    if (!kept) return;
    setWriting(undefined);
    announce(t('notes.kept'));
    again();
  };
  const remove = async (id: string) => {
    if (await deed.run(() => tiffin.removeNote(course, activity, id))) again();
  };
  return (
    <section class="stacked" aria-label={t('notes.title')}>
      <h2>{t('notes.title')}</h2>
      {(problem ?? deed.problem) && <Trouble code={problem ?? deed.problem ?? 'unknown'} again={again} />}
      {(value ?? []).map((note) =>
        writing === note.id ? (
          <Editor key={note.id} text={note.texts[0] ?? ''} put={(text) => put(text, note.id)} close={setWriting} />
        ) : (
          <Kept key={note.id} note={note} put={put} edit={setWriting} remove={remove} />
        ),
      )}
      {writing === '' ? (
        <Editor text="" put={(text) => put(text)} close={setWriting} />
      ) : (
        <Button class="wide" icon="page" act={() => setWriting('')}>
          {t('notes.new')}
        </Button>
      )}
    </section>
  );
}

interface KeptProps {
  readonly note: Note;
  readonly put: (text: string, id: string) => unknown;
  readonly edit: (id: string) => void;
  readonly remove: (id: string) => unknown;
}

function Kept({ note, put, edit, remove }: KeptProps): JSX.Element {
  const two = note.texts.length > 1;
  return (
    <div class="card note-well">
      {two && <p class="quiet">{t('notes.two')}</p>}
      {note.texts.map((text) => (
        <p key={text} class={two ? 'written card note-well' : 'written'} dir="auto">
          {text}
        </p>
      ))}
      <div class="row">
        {two ? (
          <Button act={() => put(note.texts.join(BETWEEN), note.id)}>{t('notes.join')}</Button>
        ) : (
          <Button class="soft" act={() => edit(note.id)}>
            {t('notes.edit')}
          </Button>
        )}
        <IconButton icon="bin" name={t('notes.remove')} act={() => remove(note.id)} />
      </div>
    </div>
  );
}

interface EditorProps {
  readonly text: string;
  readonly put: (text: string) => unknown;
  readonly close: (writing: undefined) => void;
}

function Editor({ text: before, put, close }: EditorProps): JSX.Element {
  const [text, setText] = useState(before);
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.form?.scrollIntoView({ block: 'nearest' }); // with the button that keeps it
  }, []);
  return (
    <form
      class="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) void put(text.trim());
      }}
    >
      <textarea
        ref={field}
        aria-label={t('notes.text')}
        dir="auto"
        maxLength={NOTE_CHARACTERS_MAX}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="row">
        <button class="button" aria-disabled={!text.trim()}>
          {t('notes.keep')}
        </button>
        <Button class="soft" act={() => close(undefined)}>
          {t('notes.cancel')}
        </Button>
      </div>
    </form>
  );
}
