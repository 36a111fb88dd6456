import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Shell } from '../../src/worker/shell.ts';

/** What a browser's Cache Storage does with whole addresses; Node has none. */
class Caches {
  readonly stored = new Map<string, Map<string, Response>>();

  async open(name: string) {
    const cache = this.stored.get(name) ?? new Map<string, Response>();
    this.stored.set(name, cache);
    return {
      put: async (path: string, reply: Response) => void cache.set(path, reply),
      match: async (path: string) => cache.get(path)?.clone(),
    };
  }

  async match(path: string) {
    return [...this.stored.values()].map((cache) => cache.get(path)?.clone()).find(Boolean);
  }

  async keys() {
    return [...this.stored.keys()];
  }

  async delete(name: string) {
    return this.stored.delete(name);
  }
}

let caches: Caches;
let asked: string[];
let served: Record<string, string>;

beforeEach(() => {
  caches = new Caches();
  asked = [];
  served = { '/': 'page one', '/assets/app-1.js': 'script one', '/assets/look-1.css': 'look' };
  vi.stubGlobal('caches', caches);
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    return served[path] === undefined ? new Response('', { status: 404 }) : new Response(served[path]);
  });
});

afterEach(() => void vi.unstubAllGlobals());

const first = () => new Shell(['/', '/assets/app-1.js', '/assets/look-1.css'], 'one');
const second = () => new Shell(['/', '/assets/app-2.js', '/assets/look-1.css'], 'two');

test('an installed app opens without a network', async () => {
  await first().install();
  served = {};
  asked = [];

  expect(await (await first().file('/')).text()).toBe('page one');
  expect(asked).toEqual([]);
});

test('a revision of which one file is missing is not installed, and the old one goes on', async () => {
  await first().install();
  served = { '/': 'page two', '/assets/look-1.css': 'look' };

  await expect(second().install()).rejects.toThrow('404 /assets/app-2.js');

  expect(await caches.keys()).toEqual(['tiffin-app-one']);
  expect(await (await first().file('/')).text()).toBe('page one');
});

test('a new revision fetches what changed alone', async () => {
  await first().install();
  served = { '/': 'page two', '/assets/app-2.js': 'script two', '/assets/look-1.css': 'look' };
  asked = [];

  await second().install();

  expect(asked).toEqual(['/', '/assets/app-2.js']);
  expect(await (await second().file('/assets/look-1.css')).text()).toBe('look');
});

test('the old revision is kept until the new one has taken over, other caches are left alone', async () => {
  await first().install();
  await caches.open('someone-elses');
  served = { '/': 'page two', '/assets/app-2.js': 'script two', '/assets/look-1.css': 'look' };
  await second().install();
  expect(await (await first().file('/')).text()).toBe('page one');

  await second().tidy();

  expect(await caches.keys()).toEqual(['someone-elses', 'tiffin-app-two']);
});

test('a file that the browser threw away comes from the network', async () => {
  await first().install();
  await caches.delete('tiffin-app-one');

  expect(await (await first().file('/')).text()).toBe('page one');
});
