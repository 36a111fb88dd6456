import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { send, type Refused, type Shapes } from './api.ts';
import { Trouble } from './parts.tsx';
import { t } from './words.ts';

export function SignIn({ onSignedIn }: { onSignedIn: (me: Shapes['Me']) => void }): JSX.Element {
  const [problem, setProblem] = useState<Refused>();
  const [busy, setBusy] = useState(false);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    try {
      onSignedIn(await send<Shapes['Me']>('/v1/sign-in', { name: fields.get('name'), password: fields.get('password') }));
    } catch (error) {
      setProblem(error as Refused);
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="sign-in" id="content">
      <img src="/icon.svg" alt="" width="72" height="72" />
      <h1>{t('signIn.title')}</h1>
      <p>{t('signIn.lead')}</p>
      <form onSubmit={submit}>
        <label class="field">
          <span>{t('signIn.name')}</span>
          <input name="name" autocomplete="username" required autofocus />
        </label>
        <label class="field">
          <span>{t('signIn.password')}</span>
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        {problem && <Trouble problem={problem} />}
        <button class="main" disabled={busy}>
          {t('signIn.go')}
        </button>
      </form>
      <a href="/">{t('signIn.learner')}</a>
    </main>
  );
}
