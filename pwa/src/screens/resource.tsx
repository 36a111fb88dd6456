/** A file of the course: opened by whatever on the phone opens its kind. */

import type { JSX } from 'preact';
import { Icon } from '../look/icons.tsx';
import { t } from '../strings/words.ts';
import { size } from './format.ts';
import { Opening, Trouble } from './parts.tsx';
import type { Place } from './props.ts';
import { useLoaded, useTiffin } from './tiffin.ts';

export function Resource({ course, card, done, mark }: Place): JSX.Element {
  const tiffin = useTiffin();
  const { value: file, problem, again } = useLoaded(() => tiffin.resource(course, card.id), [card.id]);
  if (problem) return <Trouble code={problem} again={again} />;
  if (!file) return <Opening />;
  return (
    <>
      <div class="card">
        <p>
          <bdi>{file.name}</bdi> <span class="quiet">· {size(card.bytes)}</span>
        </p>
        <a class="button wide" href={file.url} download={file.name} type={file.type} onClick={() => void done()}>
          <Icon name="resource" />
          {t('resource.open', { name: file.name })}
        </a>
      </div>
      {mark}
    </>
  );
}
