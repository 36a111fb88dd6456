/** What opens: pages, videos and files of a course, from this phone or, for texts, from the network. */

import { readManifest, type Activity } from '../content/manifests.ts';
import type { Downloads } from '../downloads/index.ts';
import { Problem, type Video } from '../model.ts';
import { tool } from '../tools/index.ts';
import { activityIn } from './cards.ts';
import { placeIn } from './study/notes.ts';
import type { Work } from './study/work.ts';

async function find<K extends Activity['kind']>(downloads: Downloads, course: string, id: string, kind: K): Promise<Extract<Activity, { kind: K }>> {
  const activity = activityIn(await downloads.release(course), id);
  if (activity?.kind !== kind) throw new Problem('not_on_phone');
  return activity as Extract<Activity, { kind: K }>;
}

/** In the language asked for, else in the first that the page was written in. */
export async function pageOf(downloads: Downloads, course: string, id: string, language: string): Promise<{ html: string; language: string }> {
  const { pages } = await find(downloads, course, id, 'page');
  const found = pages[language] ? language : Object.keys(pages)[0] ?? language;
  const page = pages[found];
  if (!page) throw new Problem('not_on_phone');
  return { html: new TextDecoder().decode(await downloads.object(page.object)), language: found };
}

export async function videoOf(work: Work, downloads: Downloads, course: string, id: string): Promise<Video> {
  const { stream, duration_ms, poster, captions } = await find(downloads, course, id, 'video');
  const manifest = readManifest(await downloads.object(stream.object), 'tiffin-stream-1');
  return {
    durationMs: duration_ms,
    poster: poster && `/v1/objects/${poster.object}.webp`,
    captions: captions.map(({ language, object }) => ({ language, url: `/v1/objects/${object}.vtt` })),
    place: placeIn(work, course, id),
    attach: async (element) => (await tool('video')).attach(element, manifest, downloads.store),
  };
}

/** What is not on this phone is opened by the browser itself, which has no words for a learner: so the network is tried
 * first. Throws `Problem`: offline. */
export async function resourceOf(downloads: Downloads, course: string, id: string): Promise<{ url: string; name: string; type: string }> {
  const { object, name, type } = await find(downloads, course, id, 'resource');
  const extension = /\.([a-z0-9]+)$/.exec(name.toLowerCase())?.[1] ?? 'bin';
  const url = `/v1/objects/${object}.${extension}`;
  if (!(await downloads.has(object))) await reach(url);
  return { url, name, type };
}

const reach = (url: string): Promise<unknown> =>
  fetch(url, { method: 'HEAD', redirect: 'manual', credentials: 'omit' }).catch(() => {
    throw new Problem('offline');
  });
