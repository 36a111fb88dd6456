/** The last screen: nothing below could be opened, as in a private window that keeps no storage. */

import type { JSX } from 'preact';
import type { ProblemCode } from '../model.ts';
import { problemWords, t } from '../strings/words.ts';

export function CannotOpen({ code }: { code: ProblemCode }): JSX.Element {
  const { what, todo } = problemWords(code);
  return (
    <main>
      <h1>{what}</h1>
      <p role="alert">{todo}</p>
      <button type="button" class="button main" onClick={() => location.reload()}>
        {t('again')}
      </button>
    </main>
  );
}
