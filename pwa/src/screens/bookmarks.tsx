/** The bookmarks of a video: go there, or take one away. */

import type { JSX } from 'preact';
import { t } from '../strings/words.ts';
import { clock } from './format.ts';
import { Button, IconButton } from './parts.tsx';
import type { VideoRef } from './video_element.ts';

interface BookmarksProps {
  readonly element: VideoRef;
  readonly marks: readonly number[];
  readonly onRemove: (at: number) => void;
}

export function Bookmarks({ element, marks, onRemove }: BookmarksProps): JSX.Element | null {
  if (!marks.length) return null;
  const goTo = (at: number) => {
    if (element.current) element.current.currentTime = at;
  };
  return (
    <section aria-label={t('bookmark.title')}>
      <h2>{t('bookmark.title')}</h2>
      <ul class="plain activities">
        {marks.map((at) => (
          <li key={at} class="item">
            <Button class="soft start" icon="mark" act={() => goTo(at)}>
              {t('bookmark.go', { at: clock(at) })}
            </Button>
            <IconButton icon="cross" name={t('bookmark.remove', { at: clock(at) })} act={() => onRemove(at)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
