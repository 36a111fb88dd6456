/** How the screens reach what is below them: the snapshot that redraws, things that load, deeds that may fail. */

import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { Problem, type ProblemCode, type Snapshot, type Tiffin } from '../model.ts';

export const TiffinContext = createContext<Tiffin | undefined>(undefined);

export function useTiffin(): Tiffin {
  const tiffin = useContext(TiffinContext);
  if (!tiffin) throw new Error('a screen was drawn outside of the app');
  return tiffin;
}

export function useSnapshot(): Snapshot {
  const tiffin = useTiffin();
  const [snapshot, setSnapshot] = useState(tiffin.snapshot());
  useEffect(() => {
    const changed = () => setSnapshot(tiffin.snapshot());
    changed(); // it may have changed between drawing and now
    return tiffin.subscribe(changed);
  }, [tiffin]);
  return snapshot;
}

export const codeOf = (error: unknown): ProblemCode => (error instanceof Problem ? error.code : 'unknown');

export interface Loaded<Value> {
  readonly value: Value | undefined;
  readonly problem: ProblemCode | undefined;
  readonly again: () => void;
}

/** Loads when any of `on` changes, and anew whenever `fresh` does; the old value stays on the screen meanwhile. Whatever
 * was begun later than what is shown counts: on a slow phone the next begins before one has ended. */
export function useLoaded<Value>(load: () => Promise<Value>, on: readonly unknown[], fresh?: unknown): Loaded<Value> {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ of: string; value?: Value; problem?: ProblemCode }>({ of: '' });
  const begun = useRef(0);
  const shown = useRef(0);
  const of = JSON.stringify(on);
  useEffect(() => {
    const mine = ++begun.current;
    const keep = (next: { value: Value } | { problem: ProblemCode }) => {
      if (mine < shown.current) return;
      shown.current = mine;
      setState({ of, ...next });
    };
    load().then(
      (value) => keep({ value }),
      (error: unknown) => keep({ problem: codeOf(error) }),
    );
  }, [of, turn, fresh]);
  const current = state.of === of ? state : undefined;
  return { value: current?.value, problem: current?.problem, again: () => setTurn(turn + 1) };
}

export interface Deed {
  readonly busy: boolean;
  readonly problem: ProblemCode | undefined;
  readonly run: (deed: () => Promise<unknown>) => Promise<boolean>;
}

/** One thing at a time that the learner asked for; resolves to whether it was done. */
export function useDeed(): Deed {
  const [state, setState] = useState<{ busy: boolean; problem?: ProblemCode }>({ busy: false });
  const running = useRef(false);
  const run = async (deed: () => Promise<unknown>): Promise<boolean> => {
    if (running.current) return false; // a second tap is no second deed
    running.current = true;
    setState({ busy: true });
    try {
      await deed();
      setState({ busy: false });
      return true;
    } catch (error) {
      setState({ busy: false, problem: codeOf(error) });
      return false;
    } finally {
      running.current = false;
    }
  };
  return { busy: state.busy, problem: state.problem, run };
}

let hear: (text: string) => void = () => undefined;

/** Says something once to whoever listens to the screen instead of looking at it. */
export const announce = (text: string): void => hear(text);

export function useAnnounced(): string {
  const [text, setText] = useState('');
  useEffect(() => {
    hear = setText;
    return () => void (hear = () => undefined);
  }, []);
  return text;
}
