/** Reads one address of the API and keeps the answer fresh: again when asked, and when the window is looked at again. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { read, type Refused } from './api.ts';

export interface Data<T> {
  readonly value: T | undefined;
  readonly problem: Refused | undefined;
  readonly again: () => void;
}

const FRESH_EVERY_MS = 30_000;
const BUSY_EVERY_MS = 2_000; // while something is under way: it moves as slowly

export function useData<T>(path: string): Data<T> {
  const [state, setState] = useState<{ path: string; value?: T; problem?: Refused }>({ path });
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((n) => n + 1), []);

  // Whatever was asked later than what is shown counts: on a slow network the next question goes before one is answered.
  const asked = useRef(0);
  const shown = useRef(0);
  useEffect(() => {
    const mine = ++asked.current;
    const isLate = () => {
      if (mine < shown.current) return true;
      shown.current = mine;
      return false;
    };
    read<T>(path).then(
      (value) => isLate() || setState({ path, value }),
      (problem: Refused) => isLate() || setState((before) => ({ ...(before.path === path ? before : { path }), problem })),
    );
  }, [path, round]);

  useEffect(() => {
    const looked = () => document.visibilityState === 'visible' && again();
    const timer = setInterval(looked, FRESH_EVERY_MS);
    document.addEventListener('visibilitychange', looked);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', looked);
    };
  }, [again]);

  // A list that is searched or turned stays until its other rows are here: what has the focus in it keeps it.
  const current = addressOf(state.path) === addressOf(path) ? state : undefined;
  return { value: current?.value, problem: current?.problem, again };
}

const addressOf = (path: string): string => path.split('?', 1)[0] ?? path;

/** Reads `data` again every two seconds while what it tells of is under way and somebody looks. */
export function useWhile(isBusy: boolean, { again }: Data<unknown>): void {
  useEffect(() => {
    if (!isBusy) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && again(), BUSY_EVERY_MS);
    return () => clearInterval(timer);
  }, [isBusy, again]);
}
