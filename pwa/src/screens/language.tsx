/** Choosing the language: those that the app speaks, and those that her courses are in. */

import type { JSX } from 'preact';
import { LANGUAGES, t } from '../strings/words.ts';
import { languageName } from './format.ts';
import { useSnapshot, useTiffin } from './tiffin.ts';

export function LanguageChoice(): JSX.Element {
  const tiffin = useTiffin();
  const { language, courses } = useSnapshot();
  const offered = new Set([...LANGUAGES, ...courses.flatMap((course) => course.languages), language]);
  return (
    <select
      aria-label={t('me.language')}
      value={language}
      onChange={(event) => void tiffin.setLanguage(event.currentTarget.value)}
    >
      {[...offered].map((of) => (
        <option key={of} value={of} lang={of}>
          {languageName(of)}
        </option>
      ))}
    </select>
  );
}
