/** Reading: the page as it was packed, done when its end was reached. */

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { direction, language, t } from '../strings/words.ts';
import { languageName } from './format.ts';
import { Opening, Trouble } from './parts.tsx';
import type { NotesProps, Place } from './props.ts';
import { useLoaded, useTiffin } from './tiffin.ts';
import { withTool } from './with_tool.tsx';

/** She reads before they are here. */
const Notes = withTool<NotesProps>('notes', true);

export function Page({ course, card, done, mark }: Place): JSX.Element {
  const tiffin = useTiffin();
  const wanted = language();
  const { value: page, problem, again } = useLoaded(() => tiffin.page(course, card.id, wanted), [card.id, wanted]);
  const end = useEnd(page !== undefined, done);
  if (problem) return <Trouble code={problem} again={again} />;
  if (!page) return <Opening />;
  return (
    <>
      {page.language !== wanted && (
        <p class="quiet">{t('page.language', { language: languageName(page.language, wanted) })}</p>
      )}
      <article
        class="reading"
        lang={page.language}
        dir={direction(page.language)}
        dangerouslySetInnerHTML={{ __html: page.html }}
      />
      <div ref={end} />
      <Notes course={course} activity={card.id} />
      {mark}
    </>
  );
}

/** Calls `done` when she has scrolled to the end; a page that fits on the screen is hers to mark. */
function useEnd(there: boolean, done: () => unknown) {
  const end = useRef<HTMLDivElement>(null);
  const latest = useRef(done);
  latest.current = done;
  useEffect(() => {
    if (!there || !end.current) return;
    const scrolled = () => scrollY > 0 && end.current!.getBoundingClientRect().top <= innerHeight && void latest.current();
    addEventListener('scroll', scrolled);
    scrolled(); // she may have before it was listened for
    return () => removeEventListener('scroll', scrolled);
  }, [there]);
  return end;
}
