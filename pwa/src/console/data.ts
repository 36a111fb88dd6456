/** Reads one address of the API and keeps the answer fresh: again when asked, and when the window is looked at again. */

import { useCallback, useEffect, useState } from 'preact/hooks';
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

  useEffect(() => {
    let wanted = true;
    read<T>(path).then(
      (value) => wanted && setState({ path, value }),
      (problem: Refused) => wanted && setState((before) => ({ ...(before.path === path ? before : { path }), problem })),
    );
    return () => {
      wanted = false;
    };
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
