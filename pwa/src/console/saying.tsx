/** Where a trainer says something that is kept with her name and her reason: a form that sends, and tells what came of it. */

import { useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { send, type Refused } from './api.ts';
import { useIsHub } from './here.ts';
import { Trouble } from './parts.tsx';
import { t } from './words.ts';

const REASON_CHARACTERS_MAX = 2_000;

interface SayingProps {
  /** What to send, from the form's fields. */
  readonly body: (fields: FormData, submitter: string) => unknown;
  readonly path: string | ((submitter: string) => string);
  readonly onSaid: () => void;
  readonly children: ComponentChildren;
  readonly label: string;
}

/** The buttons are the caller's; the value of the one that was pressed says what is meant. */
export function Saying({ body, path, onSaid, children, label }: SayingProps): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Refused>();
  const isHub = useIsHub();
  if (isHub) return <p class="quiet">{t('hub.saidThere')}</p>;

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const pressed = (event.submitter as HTMLButtonElement | null)?.value ?? '';
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setProblem(undefined);
    try {
      await send(typeof path === 'string' ? path : path(pressed), body(fields, pressed));
      onSaid();
    } catch (error) {
      setProblem(error as Refused);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form class="saying" aria-label={label} onSubmit={submit}>
      <fieldset disabled={busy}>{children}</fieldset>
      {problem && <Trouble problem={problem} />}
    </form>
  );
}

/** Every word over the machine's has a reason; it stands in the audit. */
export const Reason = (): JSX.Element => (
  <label class="field">
    <span>{t('say.reason')}</span>
    <input name="reason" required maxLength={REASON_CHARACTERS_MAX} dir="auto" autocomplete="off" />
  </label>
);

export const text = (fields: FormData, name: string): string => String(fields.get(name) ?? '');
