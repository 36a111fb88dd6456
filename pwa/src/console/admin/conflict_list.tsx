/** Every conflict that a rule settled, newest first. */

import type { JSX } from 'preact';
import type { Shapes } from '../api.ts';
import { Conflicts } from '../conflicts.tsx';
import { useData } from '../data.ts';
import { Choose, Empty, Loaded, Pages } from '../parts.tsx';
import { usePlace } from '../place.ts';
import { t } from '../words.ts';

const RULES = ['furthest_along', 'latest', 'union', 'add_wins', 'keep_both', 'official_winner'] as const;

export function ConflictList(): JSX.Element {
  const { query } = usePlace();
  const conflicts = useData<Shapes['ConflictPage']>(`/v1/conflicts?${query}`);
  const rules = RULES.map((value) => ({ value, label: t(`rule.${value}`) }));
  return (
    <>
      <h1>{t('nav.conflicts')}</h1>
      <p class="quiet">{t('conflict.lead')}</p>
      <div class="filters">
        <Choose label={t('conflict.rule')} name="rule" options={[{ value: '', label: t('conflict.allRules') }, ...rules]} />
      </div>
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
