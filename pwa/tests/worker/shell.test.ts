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
      keys: async () => [...cache.keys()].map((path) => ({ url: `http://tiffin.example${path}` })),
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

const WORDS = { en: '/assets/en-1.js', ar: '/assets/ar-1.js' };
const words = { '/assets/en-1.js': 'Hello', '/assets/ar-1.js': 'أهلًا' };

let caches: Caches;
let asked: string[];
let served: Record<string, string>;

beforeEach(() => {
  caches = new Caches();
  asked = [];
  served = { '/': 'page one', '/assets/app-1.js': 'script one', '/assets/look-1.css': 'look', ...words };
  vi.stubGlobal('navigator', { language: 'en-GB' });
  vi.stubGlobal('caches', caches);
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    return served[path] === undefined ? new Response('', { status: 404 }) : new Response(served[path]);
  });
});

afterEach(() => void vi.unstubAllGlobals());

const first = () => new Shell(['/', '/assets/app-1.js', '/assets/look-1.css'], WORDS, 'one');
const second = () => new Shell(['/', '/assets/app-2.js', '/assets/look-1.css'], { ...WORDS, ar: '/assets/ar-2.js' }, 'two');

test('an installed app opens without a network', async () => {
  await first().install();
  served = {};
  asked = [];

  expect(await (await first().file('/')).text()).toBe('page one');
  expect(asked).toEqual([]);
});

test('a revision of which one file is missing is not installed, and the old one goes on', async () => {
  await first().install();
  served = { '/': 'page two', '/assets/look-1.css': 'look', ...words, '/assets/ar-2.js': 'مرحبًا' };

  await expect(second().install()).rejects.toThrow('404 /assets/app-2.js');

  expect(await caches.keys()).toEqual(['tiffin-app-one']);
  expect(await (await first().file('/')).text()).toBe('page one');
});

test('a new revision fetches what changed alone', async () => {
  await first().install();
  served = { '/': 'page two', '/assets/app-2.js': 'script two', '/assets/look-1.css': 'look', ...words, '/assets/ar-2.js': 'مرحبًا' };
  asked = [];

  await second().install();

  expect(asked).toEqual(['/', '/assets/app-2.js']);
  expect(await (await second().file('/assets/look-1.css')).text()).toBe('look');
});

test('the old revision is kept until the new one has taken over, other caches are left alone', async () => {
  await first().install();
  await caches.open('someone-elses');
  served = { '/': 'page two', '/assets/app-2.js': 'script two', '/assets/look-1.css': 'look', ...words, '/assets/ar-2.js': 'مرحبًا' };
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

test('the words of the browser’s language are kept, and no other', async () => {
  await first().install();

  expect(asked).toContain('/assets/en-1.js');
  expect(asked).not.toContain('/assets/ar-1.js');
});

test('a browser in a language without words of its own keeps the English ones', async () => {
  vi.stubGlobal('navigator', { language: 'sw-TZ' });
  await first().install();

  expect(asked).toContain('/assets/en-1.js');
});

test('a language that a learner chose is kept once, and by every revision that follows', async () => {
  await first().install();
  await first().keep('ar');
  await first().keep('ar');
  served['/assets/app-2.js'] = 'script two';
  served['/assets/ar-2.js'] = 'مرحبًا';
  await second().install();
  served = {};

  expect(asked.filter((path) => path === '/assets/ar-1.js')).toHaveLength(1);
  expect(await (await second().file('/assets/ar-2.js')).text()).toBe('مرحبًا');
});

test('a message that names no language keeps nothing', async () => {
  await first().install();
  asked = [];

  await first().keep('constructor');

  expect(asked).toEqual([]);
});
