/** Adds a learner and shows the code that her phone joins with, as letters and as a QR code. */

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { send, type Refused, type Shapes } from '../api.ts';
import type { Data } from '../data.ts';
import { useIsHub } from '../here.ts';
import { Loaded, Trouble } from '../parts.tsx';
import { date, LANGUAGES, say, t } from '../words.ts';

interface Props {
  /** Waited for: a code that is made before they are here would be for no course. */
  courses: Data<Shapes['CourseRow'][]>;
  onClose: () => void;
}

export function NewLearner({ courses, onClose }: Props): JSX.Element {
  const [invited, setInvited] = useState<Shapes['InvitedLearner']>();
  const [problem, setProblem] = useState<Refused>();
  const [busy, setBusy] = useState(false);
  const isHub = useIsHub();

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (busy) return; // Enter pressed twice is one learner
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const learner = { name: fields.get('name'), language: fields.get('language'), courses: fields.getAll('course') };
    setBusy(true);
    try {
      setInvited(await send<Shapes['InvitedLearner']>('/v1/learners', learner));
      setProblem(undefined);
    } catch (error) {
      setProblem(error as Refused);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog title={t('new.title')} onClose={onClose}>
      {invited ? (
        <>
          <Code name={invited.learner.name} invitation={invited.invitation} />
          {isHub && <p class="quiet">{t('new.atHub')}</p>}
          <button class="main" onClick={() => setInvited(undefined)}>
            {t('new.another')}
          </button>
        </>
      ) : (
        <Loaded data={courses}>
          {(rows) => <Form courses={rows} busy={busy} problem={problem} onSubmit={submit} />}
        </Loaded>
      )}
    </Dialog>
  );
}

interface FormProps {
  courses: readonly Shapes['CourseRow'][];
  busy: boolean;
  problem: Refused | undefined;
  onSubmit: (event: SubmitEvent) => void;
}

function Form({ courses, busy, problem, onSubmit }: FormProps): JSX.Element {
  return (
    <form onSubmit={onSubmit}>
      <label class="field">
        <span>{t('new.name')}</span>
        <input name="name" required maxLength={120} autocomplete="off" autofocus ref={focus} />
      </label>
      <label class="field">
        <span>{t('new.language')}</span>
        <select name="language">
          <option value="">{t('new.asHerPhone')}</option>
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <fieldset>
        <legend>{t('new.courses')}</legend>
        {courses.map((course) => (
          <label key={course.id} class="check">
            <input type="checkbox" name="course" value={course.id} defaultChecked={courses.length === 1} />
            {say(course.title)}
          </label>
        ))}
      </fieldset>
      {problem && <Trouble problem={problem} />}
      <button class="main" disabled={busy}>{t('new.go')}</button>
    </form>
  );
}

/** The dialog's own `autofocus` counts when it opens; the form comes again for the next of a class. */
const focus = (input: HTMLInputElement | null): void => input?.focus();

/** A join code as it is shown to a learner. It is shown once. */
export function Code({ name, invitation }: { name: string; invitation: Shapes['Invitation'] }): JSX.Element {
  const picture = `data:image/svg+xml;utf8,${encodeURIComponent(invitation.qr_svg)}`;
  return (
    <div class="code">
      <p>{t('new.joined', { name })}</p>
      <img src={picture} alt={invitation.join_url} width="240" height="240" />
      <p>
        <span class="quiet">{t('new.code')}</span> <output dir="ltr">{invitation.code}</output>
      </p>
      <p dir="ltr">
        <a href={invitation.join_url} target="_blank" rel="noreferrer">
          {invitation.join_url}
        </a>
      </p>
      <p class="quiet">{t('new.until', { when: date(invitation.expires_ms) })}</p>
      <button onClick={() => print()}>{t('new.print')}</button>
    </div>
  );
}

export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="dialog-title">
      <h2 id="dialog-title">{title}</h2>
      {children}
      <button class="close" onClick={() => dialog.current?.close()}>
        {t('new.close')}
      </button>
    </dialog>
  );
}
