/** No file imports, by way of others, itself: whoever reads one can read what it stands on first. What is imported at the
 * moment of its use (`src/tools`) is a seam, and does not count. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const SOURCE = join(import.meta.dirname, '../src');
const IMPORT = /^(?:import|export)\s[^;]*?from '(\.[^']+\.tsx?)'/gm;

function importsOf(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(IMPORT)].map(([, file]) => join(dirname(path), file!));
}

/** The way from a file back to itself, if there is one among those not yet cleared. */
function circleFrom(path: string, way: readonly string[], cleared: Set<string>): string[] | undefined {
  if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
  if (cleared.has(path)) return undefined;
  for (const next of importsOf(path)) {
    const circle = circleFrom(next, [...way, path], cleared);
    if (circle) return circle;
  }
  cleared.add(path);
  return undefined;
}

test('no file of the app imports itself by way of others', () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
  expect(files.length).toBeGreaterThan(100);
  const cleared = new Set<string>();
  const circles = files.map((name) => circleFrom(join(SOURCE, name), [], cleared)).filter((circle) => circle !== undefined);
  expect(circles.map((circle) => circle.map((path) => relative(SOURCE, path)).join(' > '))).toEqual([]);
});
