/** Every conflict that a rule settled, newest first. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { Conflicts } from '../conflicts.tsx';
import { useData } from '../data.ts';
import { Empty, Loaded, Pages } from '../parts.tsx';
import { usePlace } from '../place.ts';
import { t } from '../words.ts';

export function ConflictList(): JSX.Element {
  const { query } = usePlace();
  const conflicts = useData<Shapes['ConflictPage']>(`/v1/conflicts?${query}`);
  return (
    <>
      <h1>{t('nav.conflicts')}</h1>
      <Loaded data={conflicts}>
        {(page) => (
          <>
            {page.items.length ? <Conflicts rows={page.items} learners /> : <Empty>{t('conflict.none')}</Empty>}
            <Pages page={page} />
          </>
        )}
      </Loaded>
    </>
  );
}
