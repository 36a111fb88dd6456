/** Whether files of the app are on the phone too: a course that came whole is not kept where nothing can open it. */

import { Problem } from '../../model.ts';

const ANSWER_MS_MAX = 60_000; // browsers end a worker that takes longer, and what it was doing

/** Resolves once the worker has kept each of these, by its names. Throws `Problem`: offline, where it could not fetch one.
 * A browser that has no worker keeps nothing of the app: there is nothing to wait for. */
export async function filesKept(...names: readonly string[]): Promise<void> {
  const worker = await worksHere();
  if (worker) await Promise.all(names.map((name) => kept(worker, name)));
}

/** Asks for it anew where its installation failed before. */
async function worksHere(): Promise<ServiceWorker | undefined> {
  try {
    const registration = await navigator.serviceWorker?.register('/sw.js');
    return registration && (registration.active ?? (await installed(registration)));
  } catch (error) {
    if (error instanceof TypeError) throw new Problem('offline', 'the worker did not come');
    if (error instanceof Problem) throw error;
    return undefined; // forbidden, as in some private windows
  }
}

function installed({ installing, waiting }: ServiceWorkerRegistration): Promise<ServiceWorker> {
  const worker = installing ?? waiting!;
  return new Promise((resolve, reject) => {
    const look = () => {
      if (worker.state === 'activated') resolve(worker);
      else if (worker.state === 'redundant') reject(new Problem('offline', 'the worker was not installed'));
    };
    worker.addEventListener('statechange', look);
    look();
  });
}

function kept(worker: ServiceWorker, name: string): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise<void>((resolve, reject) => {
    const refuse = () => reject(new Problem('offline', name));
    const late = setTimeout(refuse, ANSWER_MS_MAX);
    port1.onmessage = ({ data }) => {
      clearTimeout(late);
      (data === true ? resolve : refuse)();
    };
    worker.postMessage(name, [port2]);
  }).finally(() => port1.close());
}
