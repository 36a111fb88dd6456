/** The few pictures that the app draws: line icons, one tin, and the stack of three that carries the product.
 *
 * All are decoration beside words, so all are hidden from assistive technology. */

import type { JSX } from 'preact';
import type { Taken } from '../model.ts';
import { number } from '../screens/format.ts';

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
  bin: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
} as const;
export type IconName = keyof typeof PATHS;

/** Icons that point somewhere and turn with the writing. */
const TURNS: ReadonlySet<IconName> = new Set(['back', 'next']);

export const Icon = ({ name, class: also = '' }: { name: IconName; class?: string }): JSX.Element => (
  <svg class={`icon ${TURNS.has(name) ? 'turns' : ''} ${also}`} viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);

const RING_RADIUS = 33;
const RING = 2 * Math.PI * RING_RADIUS;
const FOOD_HEIGHT = 21;
const LID_ON = 'M14 27v-4a4 4 0 014-4h36a4 4 0 014 4v4zM31 19v-4h10v4';
const LID_OFF = 'M13 27h46';

/** A course's tin: how much of it is on the phone fills it, what is on its way runs round it. */
export function Tin({ taken, part: of }: { taken: Taken; part: number }): JSX.Element {
  const part = taken === 'yes' ? 1 : Math.min(1, of);
  const height = FOOD_HEIGHT * part;
  const moving = taken === 'taking' || taken === 'paused';
  return (
    <svg class={`tin ${taken}`} viewBox="0 0 72 72" aria-hidden="true">
      {moving && <circle class="track" cx="36" cy="36" r={RING_RADIUS} />}
      {moving && (
        <circle
          class="ring"
          cx="36"
          cy="36"
          r={RING_RADIUS}
          stroke-dasharray={`${RING * part} ${RING}`}
          transform="rotate(-90 36 36)"
        />
      )}
      <g transform={moving ? undefined : 'translate(-10.8 -9) scale(1.3)'}>
        <path class="body" d="M16 27h40v19a6 6 0 01-6 6H22a6 6 0 01-6-6z" />
        {height > 0 && <rect class="food" x="19" y={49 - height} width="34" height={height} rx="3" />}
        <path class="lid" d={taken === 'yes' ? LID_ON : LID_OFF} />
        {taken === 'yes' && <path class="tick" d="M29 38l5 5 10-11" />}
        {taken === 'wrong' && <path class="tick" d="M36 32v8M36 46v.5" />}
      </g>
    </svg>
  );
}

interface StackProps {
  /** What waits in each tin, or nothing where only the picture is meant. */
  readonly counts?: readonly number[];
  readonly sending?: boolean;
}

/** The carrier: three tins, top to bottom what goes first. An open one shows how much; the lids close when all is sent. */
export const Stack = ({ counts, sending = false }: StackProps): JSX.Element => (
  <svg class={`stack ${sending ? 'sending' : ''}`} viewBox="0 0 96 132" aria-hidden="true">
    <path class="handle" d="M12 122V30M84 122V30M12 32C12 2 84 2 84 32M8 124h80" />
    {(counts ?? [0, 0, 0]).map((count, place) => (
      <g key={place} transform={`translate(0 ${28 + place * 32})`}>
        <rect class="body" x="18" y="7" width="60" height="23" rx="6" />
        <path class="lid" d={count ? 'M18 4l58-6' : 'M16 7h64'} />
        {count > 0 && <Count count={count} />}
        {count === 0 && counts && <path class="tick" d="M41 19l5 4 9-9" />}
      </g>
    ))}
  </svg>
);

const COUNT_MAX = 99; // what fits on a tin; the words beside it say all

const Count = ({ count }: { count: number }): JSX.Element => (
  <>
    <rect class="pill" x="32" y="9" width="32" height="19" rx="9.5" />
    <text class="number" x="48" y="23.5" text-anchor="middle">
      {number(Math.min(count, COUNT_MAX))}
      {count > COUNT_MAX && '+'}
    </text>
  </>
);
