/** The app's own files, kept whole: a revision is installed all or not at all, and the old one serves until then. */

import { isImmutable } from './policy.ts';

const PREFIX = 'tiffin-app-';

export class Shell {
  readonly #name: string;

  /** `extras`, by name: the words of each language that the app speaks, and tools that come with the first course. */
  constructor(
    private readonly files: readonly string[],
    private readonly extras: Readonly<Record<string, string>>,
    revision: string,
  ) {
    this.#name = PREFIX + revision;
  }

  /** Fetches what no older revision has. Throws, and leaves nothing, when one file cannot be had. */
  async install(): Promise<void> {
    const files = [...this.files, ...(await this.#extras())];
    const replies = await Promise.all(files.map(async (path) => [path, await this.#brought(path)] as const));
    try {
      const cache = await caches.open(this.#name);
      await Promise.all(replies.map(([path, reply]) => cache.put(path, reply)));
    } catch (error) {
      await caches.delete(this.#name);
      throw error;
    }
  }

  /** Words in the browser's language, and every extra that was kept before. */
  async #extras(): Promise<string[]> {
    const kept = (await this.#kept()).join();
    const wanted = Object.keys(this.extras).filter((name) => navigator.language.startsWith(name) || kept.includes(`/assets/${name}-`));
    return (wanted.length ? wanted : ['en']).map((name) => this.extras[name]!);
  }

  async #kept(): Promise<string[]> {
    const mine = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
    const requests = await Promise.all(mine.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => url);
  }

  /** One more, from now on. */
  async keep(name: string): Promise<void> {
    const path = Object.hasOwn(this.extras, name) && this.extras[name];
    const cache = await caches.open(this.#name);
    if (path && !(await cache.match(path))) await cache.put(path, await this.#brought(path));
  }

  async #brought(path: string): Promise<Response> {
    const older = isImmutable(path) && (await caches.match(path));
    if (older) return older;
    const reply = await fetch(path, { cache: 'no-cache', credentials: 'omit' });
    if (!reply.ok || reply.redirected) throw new Error(`${reply.status} ${path}`);
    return reply;
  }

  /** Older revisions go once nobody is served from them. */
  async tidy(): Promise<void> {
    for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== this.#name) await caches.delete(name);
  }

  /** A file of the app; from the network only when the browser threw it away. */
  async file(request: Request | string): Promise<Response> {
    const cache = await caches.open(this.#name);
    return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
  }
}
