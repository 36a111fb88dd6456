/** What follows one video element while it plays: its feed, what is watched, its captions and its bookmarks. */

import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Player, ProblemCode, Video } from '../model.ts';
import { joined, Watching, type Stretch } from './stretches.ts';
import { codeOf, useSnapshot, useTiffin } from './tiffin.ts';

export type VideoRef = RefObject<HTMLVideoElement | null>;

const NEARLY_OVER_SECONDS = 5; // who stopped in the last words means to see it from the start again

/** Feeds the element and goes on where she stopped; anew at each `turn`. */
export function useAttached(element: VideoRef, video: Video, turn: number): ProblemCode | undefined {
  const [problem, setProblem] = useState<ProblemCode>();
  useEffect(() => {
    const shown = element.current;
    if (!shown) return;
    let player: Player | undefined;
    let left = false;
    const resume = () => {
      const at = video.place.positionS;
      if (at < video.durationMs / 1000 - NEARLY_OVER_SECONDS) shown.currentTime = at;
    };
    const failed = (event: Event) => setProblem(codeOf((event as CustomEvent<unknown>).detail));
    setProblem(undefined);
    shown.addEventListener('problem', failed);
    shown.addEventListener('loadedmetadata', resume, { once: true });
    video.attach(shown).then(
      (attached) => (left ? attached.detach() : (player = attached)),
      (error: unknown) => left || setProblem(codeOf(error)),
    );
    return () => {
      left = true;
      shown.removeEventListener('loadedmetadata', resume);
      shown.removeEventListener('problem', failed);
      player?.detach();
    };
  }, [video, turn]);
  return problem;
}

/** Keeps what she watches, at the latest when she looks away, and returns the stretches seen so far. */
export function useWatching(element: VideoRef, course: string, id: string, video: Video): Stretch[] {
  const tiffin = useTiffin();
  const [seen, setSeen] = useState<Stretch[]>([]);
  useEffect(() => {
    const shown = element.current;
    if (!shown) return;
    const watching = new Watching((from, to) => {
      setSeen((before) => joined(before, [from, to]));
      // Not kept once is watched again at worst; the picture must not stop for it.
      tiffin.watched(course, id, from, to, to).catch(() => undefined);
    });
    const plays = () => !shown.paused && watching.plays(shown.currentTime);
    const stops = () => watching.stops();
    shown.addEventListener('timeupdate', plays);
    const ends = ['pause', 'seeking', 'ended'] as const;
    for (const end of ends) shown.addEventListener(end, stops);
    document.addEventListener('visibilitychange', stops);
    return () => {
      stops();
      shown.removeEventListener('timeupdate', plays);
      for (const end of ends) shown.removeEventListener(end, stops);
      document.removeEventListener('visibilitychange', stops);
    };
  }, [video]);
  return seen;
}

/** The language of the captions that show; empty when none do. */
export function useCaptions(element: VideoRef, video: Video): [string, (language: string) => void] {
  const [language, setLanguage] = useState('');
  useEffect(() => {
    for (const track of Array.from(element.current?.textTracks ?? [])) {
      track.mode = track.language === language ? 'showing' : 'disabled';
    }
  }, [language, video]);
  return [language, setLanguage];
}

type Bookmarked = [readonly number[], (at: number, on: boolean) => void];

export function useBookmarks(course: string, id: string, video: Video): Bookmarked {
  const tiffin = useTiffin();
  const [marks, setMarks] = useState(video.place.bookmarksS);
  const snapshot = useSnapshot();
  useEffect(() => {
    let isLatest = true;
    tiffin.video(course, id).then(
      ({ place }) => isLatest && setMarks(place.bookmarksS),
      () => undefined, // the marks on the screen are still the best known
    );
    return () => void (isLatest = false);
  }, [snapshot]);
  // Once it is kept, the snapshot changes.
  return [marks, (at, on) => void tiffin.bookmark(course, id, at, on).catch(() => undefined)];
}
