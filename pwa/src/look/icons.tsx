/** The few pictures that the app draws: line icons, one tin, and the stack of three that carries the product.
 *
 * All are decoration beside words, so all are hidden from assistive technology. */

import type { JSX } from 'preact';
import type { Taken } from '../model.ts';

/** Paths on a grid of 24, drawn with a round line of 2. */
const PATHS = {
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  check: 'M5 13l4 4L19 7',
  cross: 'M6 6l12 12M18 6L6 18',
  alert: 'M12 4l9 16H3zM12 10v4M12 17v.5',
  send: 'M12 20V5M6 11l6-6 6 6',
  down: 'M12 4v13M6 12l6 6 6-6M5 21h14',
  page: 'M6 3h9l4 4v14H6zM9 11h7M9 15h7',
  video: 'M4 5h16v14H4zM10 9v6l5-3z',
  quiz: 'M4 5h3v3H4zM4 11h3v3H4zM4 17h3v3H4zM11 6.5h9M11 12.5h9M11 18.5h9',
  resource: 'M7 3h7l5 5v13H7zM14 3v5h5',
  play: 'M7 4v16l13-8z',
  pause: 'M8 5v14M16 5v14',
  full: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  mark: 'M7 3h10v18l-5-4-5 4z',
  shelf: 'M4 20h16M5 16V6h6v10zM13 16V9h6v7z',
  me: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c1-5 4-6 8-6s7 1 8 6',
  tiffin: 'M9 5a3 3 0 016 0M5 5h14v5H5zM5 10h14v5H5zM5 15h14v5H5z',
  captions: 'M3 5h18v14H3zM10 10.5c-3-1-4 4 0 3M17 10.5c-3-1-4 4 0 3',
  more: 'M5 12h.1M12 12h.1M19 12h.1',
} as const;
export type IconName = keyof typeof PATHS;

/** Icons that point somewhere and turn with the writing. */
const TURNS: ReadonlySet<IconName> = new Set(['back', 'next']);

export const Icon = ({ name, class: also = '' }: { name: IconName; class?: string }): JSX.Element => (
  <svg class={`icon ${TURNS.has(name) ? 'turns' : ''} ${also}`} viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);

const RING = 2 * Math.PI * 33;

/** A course's tin: how much of it is on the phone fills it, what is on its way runs round it. */
export function Tin({ taken, part }: { taken: Taken; part: number }): JSX.Element {
  const height = 26 * (taken === 'yes' ? 1 : Math.min(1, part));
  const moving = taken === 'taking' || taken === 'paused';
  return (
    <svg class={`tin ${taken}`} viewBox="0 0 72 72" aria-hidden="true">
      {moving && <circle class="track" cx="36" cy="36" r="33" />}
      {moving && (
        <circle
          class="ring"
          cx="36"
          cy="36"
          r="33"
          stroke-dasharray={`${RING * Math.min(1, part)} ${RING}`}
          transform="rotate(-90 36 36)"
        />
      )}
      <path class="body" d="M17 28h38v22a5 5 0 01-5 5H22a5 5 0 01-5-5z" />
      {height > 0 && <rect class="food" x="20" y={54 - height + 2 - 4} width="32" height={height - 2} rx="3" />}
      <path class="lid" d={taken === 'yes' ? 'M15 28v-4a4 4 0 014-4h34a4 4 0 014 4v4zM31 20v-4h10v4' : 'M14 28h44'} />
      {taken === 'yes' && <path class="tick" d="M29 42l5 5 10-11" />}
      {taken === 'wrong' && <path class="tick" d="M36 35v8M36 48v.5" />}
    </svg>
  );
}

/** The carrier: three tins, top to bottom what goes first. An open one has a dot; the lids close when all is sent. */
export function Stack({ counts, sending }: { counts: readonly number[]; sending: boolean }): JSX.Element {
  return (
    <svg class={`stack ${sending ? 'sending' : ''}`} viewBox="0 0 96 132" aria-hidden="true">
      <path class="handle" d="M12 122V30M84 122V30M12 32C12 2 84 2 84 32M8 124h80" />
      {counts.map((count, place) => (
        <g key={place} class={count ? 'open' : 'shut'} transform={`translate(0 ${28 + place * 32})`}>
          <rect class="body" x="18" y="5" width="60" height="25" rx="6" />
          <path class="lid" d={count ? 'M18 4l56-6' : 'M16 5h64'} />
          {count > 0 ? <circle class="dot" cx="48" cy="18" r="7" /> : <path class="tick" d="M41 18l5 5 9-10" />}
        </g>
      ))}
    </svg>
  );
}
