/** The app's own files, kept whole: a revision is installed all or not at all, and the old one serves until then. */

const PREFIX = 'tiffin-app-';

export class Shell {
  readonly #name: string;

  constructor(
    private readonly files: readonly string[],
    revision: string,
  ) {
    this.#name = PREFIX + revision;
  }

  async install(): Promise<void> {
    const cache = await caches.open(this.#name);
    try {
      await cache.addAll(this.files.map((url) => new Request(url, { cache: 'no-cache', credentials: 'omit' })));
    } catch (error) {
      await caches.delete(this.#name);
      throw error;
    }
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
