/** A phone that takes courses along, each test's own, and the origin that it takes them from. */

import 'fake-indexeddb/auto';
import { deleteDB } from 'idb';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { Downloads } from '../../src/downloads/index.ts';
import type { Packed } from './course.ts';
import { Origin } from './origin.ts';

export let origin: Origin;
export let page: EventTarget;
let open: Downloads[] = [];
export let counted = 0;
/** The worker that keeps what opens courses; a test may take it away. */
export const worker = { keepsTools: async () => undefined as void };

export const start = async (onChange: () => void = () => undefined): Promise<Downloads> => {
  const downloads = await Downloads.open({ onChange, onBytes: (count) => (counted += count), toolsKept: () => worker.keepsTools() }, async () => undefined);
  open.push(downloads);
  return downloads;
};

/** The app is killed: nothing of it runs on, and it is opened again. */
export const killed = async (downloads: Downloads): Promise<Downloads> => {
  downloads.close();
  return start();
};

/** The first of several calls; `ended` resolves with what it began. */
export const once = (begin: () => Promise<void>) => {
  const begun = { isAsked: false, ended: Promise.resolve() };
  return Object.assign(() => {
    if (begun.isAsked) return;
    begun.isAsked = true; // before it calls back
    begun.ended = begin();
  }, { ended: () => begun.ended });
};

export const problem = (code: string) => expect.objectContaining({ code });
export const taken = ({ segments, names }: Packed) => [...segments['still']!, ...segments['opus']!, names['picture']!, names['handout']!];
export const sizeOf = (packed: Packed, digests: readonly string[]) => digests.reduce((sum, digest) => sum + packed.objects.get(digest)!.length, 0);

beforeEach(async () => {
  page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('MediaSource', { isTypeSupported: (type: string) => !type.includes('av01') });
  let seconds = 0; // each look at the clock is a second later, so that all that happens is said
  vi.spyOn(performance, 'now').mockImplementation(() => 1_000 * ++seconds);
  origin = await Origin.start();
});

afterEach(async () => {
  for (const downloads of open) downloads.close();
  open = [];
  counted = 0;
  worker.keepsTools = async () => undefined;
  await origin.stop();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await deleteDB('tiffin-content');
});
