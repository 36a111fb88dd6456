/** A course counts as kept once the worker says that it has what opens it. */

import { afterEach, expect, test, vi } from 'vitest';
import { filesKept } from '../../src/core/phone/kept_files.ts';

const offline = expect.objectContaining({ code: 'offline' });

/** A worker that keeps what it has; its state is the browser's business. */
class Worker extends EventTarget {
  asked: unknown[] = [];

  constructor(
    readonly has: readonly string[],
    public state = 'activated',
  ) {
    super();
  }

  postMessage(name: string, [port]: readonly MessagePort[]): void {
    this.asked.push(name);
    port!.postMessage(this.has.includes(name));
  }

  becomes(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

const browser = (register: () => Promise<unknown>) => vi.stubGlobal('navigator', { serviceWorker: { register } });

afterEach(() => void vi.unstubAllGlobals());

test('what the worker has is kept', async () => {
  const active = new Worker(['video', 'quiz']);
  browser(async () => ({ active }));

  await filesKept('video', 'quiz');

  expect(active.asked).toEqual(['video', 'quiz']);
});

test('what the worker could not fetch waits for a network', async () => {
  browser(async () => ({ active: new Worker(['video']) }));

  await expect(filesKept('video', 'quiz')).rejects.toEqual(offline);
});

test('a worker that is being installed is waited for', async () => {
  const installing = new Worker(['video'], 'installing');
  browser(async () => ({ active: null, installing, waiting: null }));

  const asked = filesKept('video');
  await vi.waitFor(() => {
    installing.becomes('activated');
    expect(installing.asked).toEqual(['video']);
  });

  await asked;
});

test('where the app itself was not kept, no course is', async () => {
  const installing = new Worker([], 'redundant');
  browser(async () => ({ active: null, installing, waiting: null }));
  await expect(filesKept('video')).rejects.toEqual(offline);

  browser(() => Promise.reject(new TypeError('Failed to fetch')));
  await expect(filesKept('video')).rejects.toEqual(offline);
});

test('a worker that never answers is not waited for without end', async () => {
  vi.useFakeTimers();
  const active = new Worker([]);
  active.postMessage = () => undefined;
  browser(async () => ({ active }));

  const asked = expect(filesKept('video')).rejects.toEqual(offline);
  await vi.runAllTimersAsync();

  await asked;
  vi.useRealTimers();
});

test('a browser without workers keeps nothing of the app, which is no reason to refuse a course', async () => {
  vi.stubGlobal('navigator', {});
  await filesKept('video');

  browser(() => Promise.reject(new DOMException('not in a private window', 'SecurityError')));
  await filesKept('video');
});
