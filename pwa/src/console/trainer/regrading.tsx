/** Says that points may still be those of before a trainer's word: everyone's attempts are being graded again. */

import type { JSX } from 'preact';
import { Mark } from '../parts.tsx';
import { t } from '../words.ts';

/** Nothing, once none is left. */
export function GradedAgain({ left, title }: { left: number; title: string }): JSX.Element {
  return <p role="status">{left > 0 && <Mark kind="wait">{t('regrading.left', { n: left, title })}</Mark>}</p>;
}
