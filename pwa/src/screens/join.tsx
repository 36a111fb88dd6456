/** Joining: one code, one button. A code in the address (from the picture code) is already filled in. */

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Stack } from '../look/icons.tsx';
import { t } from '../strings/words.ts';
import { caretAfter, CODE_CHARACTERS, isWhole, plainCode, shownCode } from './code_entry.ts';
import { LanguageChoice } from './language.tsx';
import { Back, Heading, Trouble } from './parts.tsx';
import { go, placeOf, to } from './router.ts';
import { useDeed, useSnapshot, useTiffin } from './tiffin.ts';

export function Join({ code: scanned }: { code: string }): JSX.Element {
  const tiffin = useTiffin();
  const { profiles, problem: standing } = useSnapshot();
  const [isFirst] = useState(profiles.length === 0); // until she is in: the first exchange may take a while
  const [code, setCode] = useState(shownCode(scanned));
  const { busy, problem, run } = useDeed();

  const join = async () => {
    if (!isWhole(code) || !(await run(() => tiffin.join(plainCode(code))))) return;
    if (placeOf(location.hash).screen === 'join') go(to()); // she may have gone on by herself
  };
  const title = t(isFirst ? 'join.title' : 'join.another');
  return (
    <main id="main">
      {isFirst ? <LanguageChoice /> : <Back href={to('me')}>{t('nav.me')}</Back>}
      <div class="welcome">
        {isFirst && <Stack />}
        <Heading name={title}>{title}</Heading>
        <p class="quiet">{t('join.lead')}</p>
      </div>
      <form
        class="stacked"
        onSubmit={(event) => {
          event.preventDefault();
          void join();
        }}
      >
        <label for="code">{t('join.code')}</label>
        <CodeField code={code} onCode={setCode} wrong={problem !== undefined && problem !== 'offline'} />
        <p class="quiet" id="code-hint">
          {t('join.hint')}
        </p>
        {(problem ?? standing) && <Trouble code={problem ?? standing!} />}
        <button class="button main wide" aria-disabled={busy || !isWhole(code)}>
          {t(busy ? 'join.going' : 'join.go')}
        </button>
      </form>
      <p class="quiet">{t(isFirst ? 'join.once' : 'join.kept')}</p>
    </main>
  );
}

interface CodeFieldProps {
  readonly code: string;
  readonly onCode: (code: string) => void;
  readonly wrong: boolean;
}

function CodeField({ code, onCode, wrong }: CodeFieldProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const typed = () => {
    const input = field.current;
    if (!input) return;
    const caret = caretAfter(input.value, input.selectionStart ?? input.value.length);
    const shown = shownCode(input.value);
    input.value = shown; // also when the code is unchanged, so that what is no part of a code never stays
    input.setSelectionRange(caret, caret);
    onCode(shown);
  };
  return (
    <input
      id="code"
      class="code"
      ref={field}
      dir="ltr"
      value={code}
      onInput={typed}
      autocomplete="off"
      autocapitalize="characters"
      spellcheck={false}
      enterkeyhint="go"
      maxLength={CODE_CHARACTERS * 3} // a pasted code may come with spaces and dashes of its own
      aria-describedby="code-hint"
      aria-invalid={wrong}
    />
  );
}
