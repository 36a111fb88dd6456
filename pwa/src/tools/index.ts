/** What only some kinds of activity need: no part of the first load, but kept with the first course that is taken.
 *
 * The core and the screens ask for a tool at the moment of its use. Whether it comes from the worker or from the network
 * is none of their business. */

import { Problem } from '../model.ts';
import { speakOfTools, wordsFor } from '../strings/words.ts';

const TOOLS = {
  video: () => import('./video.ts'),
  quiz: () => import('./quiz.ts'),
  notes: () => import('./notes.ts'),
  carry: () => import('./carry.ts'),
  take: () => import('./take.ts'),
  card: () => import('./card.ts'),
};
export type Tool = keyof typeof TOOLS;
/** What the worker keeps for all of them, by its names: each tool, and what they say in this language. */
export const toolFiles = (language: string): string[] => [...Object.keys(TOOLS), `tools_${wordsFor(language)}`];

/** Throws `Problem`: not_on_phone. */
export async function tool<Name extends Tool>(name: Name): Promise<Awaited<ReturnType<(typeof TOOLS)[Name]>>> {
  try {
    const [tool] = await Promise.all([TOOLS[name](), speakOfTools()]);
    return tool as Awaited<ReturnType<(typeof TOOLS)[Name]>>;
  } catch (error) {
    throw new Problem('not_on_phone', String(error));
  }
}
