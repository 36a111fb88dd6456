/** The video's controls. Time runs from left to right in every script, so they do not mirror. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { direction, language, t, wordsLanguage } from '../strings/words.ts';
import type { Video } from '../model.ts';
import { clock, languageName, number } from './format.ts';
import { IconButton } from './parts.tsx';
import { joined, type Stretch } from './stretches.ts';
import type { VideoRef } from './video_element.ts';

const JUMP_SECONDS = 10;
const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

interface ControlsProps {
  readonly element: VideoRef;
  readonly video: Video;
  readonly seen: readonly Stretch[];
  readonly marks: readonly number[];
  readonly onMark: (at: number) => void;
  readonly captions: string;
  readonly onCaptions: (language: string) => void;
}

export function Controls(props: ControlsProps): JSX.Element {
  const { element, video, captions, onCaptions, onMark } = props;
  const { at, playing } = usePlaying(element);
  const total = video.durationMs / 1000;
  const play = () => {
    if (element.current?.paused) element.current.play().catch(() => undefined); // an element that is not fed yet
    else element.current?.pause();
  };
  const seek = (to: number) => {
    if (element.current) element.current.currentTime = Math.min(total, Math.max(0, to));
  };
  const jump = (by: number) => seek((element.current?.currentTime ?? 0) + by);
  const mark = () => onMark(Math.floor(element.current?.currentTime ?? 0));
  const toggleCaptions = () => onCaptions(captions ? '' : preferred(video));
  const full = () => void element.current?.requestFullscreen?.().catch(() => undefined);
  useKeys({
    ' ': play,
    k: play,
    ArrowLeft: () => jump(-JUMP_SECONDS),
    ArrowRight: () => jump(JUMP_SECONDS),
    c: toggleCaptions,
    b: mark,
    f: full,
  });
  return (
    <section class="controls" aria-label={t('video.controls')}>
      <Seek {...props} at={at} total={total} onSeek={seek} />
      <div class="keys">
        <IconButton icon="mark" name={t('bookmark.add')} act={mark} />
        <Jump by={-JUMP_SECONDS} name={t('video.back', { n: JUMP_SECONDS })} jump={jump} />
        <IconButton
          class="play main"
          icon={playing ? 'pause' : 'play'}
          name={t(playing ? 'video.pause' : 'video.play')}
          act={play}
        />
        <Jump by={JUMP_SECONDS} name={t('video.forward', { n: JUMP_SECONDS })} jump={jump} />
        <IconButton icon="full" name={t('video.full')} act={full} />
      </div>
      <div class="pair" dir={direction(wordsLanguage())}>
        <Speed element={element} />
        {video.captions.length > 0 && <CaptionChoice video={video} captions={captions} onCaptions={onCaptions} />}
      </div>
    </section>
  );
}

/** The captions that a learner of this language would choose. */
const preferred = (video: Video): string =>
  video.captions.find((track) => track.language === language())?.language ?? video.captions[0]?.language ?? '';

function usePlaying(element: VideoRef): { at: number; playing: boolean } {
  const [state, setState] = useState({ at: 0, playing: false });
  useEffect(() => {
    const shown = element.current;
    if (!shown) return;
    const changed = () => setState({ at: shown.currentTime, playing: !shown.paused });
    const when = ['timeupdate', 'play', 'pause', 'seeking', 'loadedmetadata', 'ended'];
    for (const event of when) shown.addEventListener(event, changed);
    changed();
    return () => {
      for (const event of when) shown.removeEventListener(event, changed);
    };
  }, []);
  return state;
}

/** Keys work anywhere on the screen, except where they already mean something: in a field, or on a button. */
function useKeys(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const deed = keys[event.key];
      if (!deed || event.ctrlKey || event.altKey || event.metaKey) return;
      if ((event.target as Element).closest('textarea,select,input:not([type=range])')) return;
      if (event.key === ' ' && (event.target as Element).closest('button,a')) return;
      event.preventDefault();
      deed();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  });
}

interface SeekProps extends ControlsProps {
  readonly at: number;
  readonly total: number;
  readonly onSeek: (at: number) => void;
}

function Seek({ video, seen, marks, at, total, onSeek }: SeekProps): JSX.Element {
  const stretches = seen.reduce<Stretch[]>((all, one) => joined(all, one), [...video.place.stretchesS]);
  const place = t('video.place', { at: clock(at), total: clock(total) });
  return (
    <div>
      <div class="seek">
        <svg viewBox={`0 0 ${Math.max(1, total)} 1`} preserveAspectRatio="none" aria-hidden="true">
          {stretches.map(([from, to]) => (
            <rect key={from} class="seen" x={from} y="0" width={to - from} height="1" />
          ))}
        </svg>
        {marks.map((mark) => (
          <b key={mark} style={{ left: `${(mark / Math.max(1, total)) * 100}%` }} />
        ))}
        <input
          type="range"
          aria-label={t('video.seek')}
          aria-valuetext={place}
          min={0}
          max={total}
          step="any"
          value={at}
          onInput={(event) => onSeek(Number(event.currentTarget.value))}
        />
      </div>
      <p class="quiet times" aria-hidden="true">
        <span>{clock(at)}</span>
        <span>{clock(total)}</span>
      </p>
    </div>
  );
}

const Jump = ({ by, name, jump }: { by: number; name: string; jump: (by: number) => void }): JSX.Element => (
  <button type="button" class="button soft icon-only" aria-label={name} onClick={() => jump(by)}>
    <svg class="icon jump" viewBox="0 0 36 36" aria-hidden="true">
      <path d="M8 11a13 13 0 1 1-3 9M7 4v8h8" transform={by > 0 ? 'matrix(-1 0 0 1 36 0)' : undefined} />
      <text x="18" y="24" text-anchor="middle">
        {number(Math.abs(by))}
      </text>
    </svg>
  </button>
);

function Speed({ element }: { element: VideoRef }): JSX.Element {
  const [speed, setSpeed] = useState(1);
  useEffect(() => {
    if (element.current) element.current.playbackRate = element.current.defaultPlaybackRate = speed;
  }, [speed]);
  return (
    <label class="stacked">
      {t('video.speed')}
      <select value={String(speed)} onChange={(event) => setSpeed(Number(event.currentTarget.value))}>
        {SPEEDS.map((value) => (
          <option key={value} value={String(value)}>
            {number(value)}×
          </option>
        ))}
      </select>
    </label>
  );
}

const CaptionChoice = ({
  video,
  captions,
  onCaptions,
}: Pick<ControlsProps, 'video' | 'captions' | 'onCaptions'>): JSX.Element => (
  <label class="stacked">
    {t('video.captions')}
    <select value={captions} onChange={(event) => onCaptions(event.currentTarget.value)}>
      <option value="">{t('video.off')}</option>
      {video.captions.map((track) => (
        <option key={track.language} value={track.language} lang={track.language}>
          {languageName(track.language)}
        </option>
      ))}
    </select>
  </label>
);
