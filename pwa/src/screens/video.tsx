/** Video: fed from what is kept on the phone, with controls large enough for a thumb on a bus. */

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Video } from '../model.ts';
import { said, t } from '../strings/words.ts';
import { Bookmarks } from './bookmarks.tsx';
import { languageName } from './format.ts';
import { Opening, Trouble } from './parts.tsx';
import type { NotesProps, Place } from './props.ts';
import { useLoaded, useTiffin } from './tiffin.ts';
import { Controls } from './video_controls.tsx';
import { useAttached, useBookmarks, useCaptions, useWatching } from './video_element.ts';
import { withTool } from './with_tool.tsx';

const Notes = withTool<NotesProps>('notes', true);

export function VideoScreen(place: Place): JSX.Element {
  const tiffin = useTiffin();
  const { course, card } = place;
  const { value: video, problem, again } = useLoaded(() => tiffin.video(course, card.id), [card.id]);
  if (problem) return <Trouble code={problem} again={again} />;
  if (!video) return <Opening />;
  return <Watch {...place} video={video} />;
}

function Watch({ course, card, done, mark, video }: Place & { video: Video }): JSX.Element {
  const element = useRef<HTMLVideoElement>(null);
  const [turn, setTurn] = useState(0);
  const problem = useAttached(element, video, turn);
  const seen = useWatching(element, course, card.id, video);
  const [captions, setCaptions] = useCaptions(element, video);
  const [marks, setMark] = useBookmarks(course, card.id, video);
  return (
    <>
      <div class="player">
        <video
          ref={element}
          poster={video.poster}
          aria-label={t('video.label', { title: said(card.title) })}
          playsInline
          preload="auto"
          onEnded={() => void done()}
        >
          {video.captions.map(({ language, url }) => (
            <track key={url} kind="subtitles" srclang={language} label={languageName(language)} src={url} />
          ))}
        </video>
      </div>
      {problem && <Trouble code={problem} again={() => setTurn(turn + 1)} />}
      <Controls
        element={element}
        video={video}
        seen={seen}
        marks={marks}
        onMark={(at) => setMark(at, true)}
        captions={captions}
        onCaptions={setCaptions}
      />
      <Bookmarks element={element} marks={marks} onRemove={(at) => setMark(at, false)} />
      <Notes course={course} activity={card.id} />
      {mark}
    </>
  );
}
