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

  // Each answer counts that is newer than the last: on a slow network the next round begins before one has ended.
  const newest = useRef({ path, round: 0 });
  if (newest.current.path !== path) newest.current = { path, round };
  useEffect(() => {
    const isLate = () => {
      if (newest.current.path !== path || newest.current.round > round) return true;
      newest.current = { path, round };
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
