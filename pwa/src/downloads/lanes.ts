/** Two requests at a time: while one waits for its answer, or for a new connection after a cut, the other keeps the
 * link busy. More would only share the same link, and take it from whatever else she does. */

const LANES = 2;

/** Does everything in its order; the first failure ends what is under way, and is thrown once all of it has ended. */
export async function inLanes<T>(items: readonly T[], signal: AbortSignal, act: (item: T, signal: AbortSignal) => Promise<void>): Promise<void> {
  const waiting = [...items], ended = new AbortController(), failures: unknown[] = [];
  const end = () => ended.abort();
  const lane = async () => {
    while (waiting.length && !ended.signal.aborted) await act(waiting.shift()!, ended.signal);
  };
  signal.throwIfAborted(); // the event is past
  signal.addEventListener('abort', end);
  const lanes = Array.from({ length: LANES }, () => lane().catch((error: unknown) => (failures.push(error), end())));
  await Promise.all(lanes);
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  if (failures.length) throw failures[0];
}
