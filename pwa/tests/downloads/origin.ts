/** The origin that a phone fetches from: a real HTTP server with objects, ranges, updates and what is small in a row, that
 * can be cut anywhere. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import type { Packed } from './course.ts';

export interface Served {
  readonly path: string;
  readonly range: string | undefined;
  readonly bytes: number;
}

export class Origin {
  readonly objects = new Map<string, Buffer>();
  readonly requests: Served[] = [];
  /** How many bytes of bodies still go out before the line is cut; then each connection is dropped until it is set anew. */
  lineBytes = Infinity;
  /** Called before each reply, by its path. */
  onRequest: (path: string) => void = () => undefined;
  ranges = true;
  readonly #packs = new Map<string, readonly string[]>();
  readonly #small = new Map<string, Buffer>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Origin> {
    const server = createServer();
    const origin = new Origin(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => origin.#answer(request, response));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const overTheNetwork = globalThis.fetch;
    // A page's addresses are relative to its origin; Node has none.
    vi.stubGlobal('fetch', (path: string, options: RequestInit) => overTheNetwork(base + path, options));
    return origin;
  }

  publish({ objects, record, texts, small }: Packed): void {
    for (const [digest, bytes] of objects) this.objects.set(digest, bytes);
    this.#packs.set(record.root, texts);
    this.#small.set(`/v1/releases/${record.root}/small`, small);
  }

  get servedBytes(): number {
    return this.requests.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  paths(): string[] {
    return this.requests.map(({ path }) => path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url!, 'http://origin');
    this.onRequest(pathname);
    const body = this.#body(pathname, searchParams.get('since') ?? '', Number(searchParams.get('after')));
    if (!body) return void response.writeHead(404).end();
    const range = this.ranges ? /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') : null;
    const sent = range ? body.subarray(Number(range[1]), Number(range[2]) + 1) : body;
    const passed = sent.subarray(0, Math.min(sent.length, this.lineBytes));
    this.lineBytes -= passed.length;
    this.requests.push({ path: pathname, range: request.headers.range, bytes: passed.length });
    if (passed.length === 0 && sent.length) return void response.destroy();
    response.writeHead(range ? 206 : 200, { 'Content-Length': sent.length });
    response.write(passed, () => (passed.length < sent.length ? response.destroy() : response.end()));
  }

  #body(path: string, since: string, after: number): Buffer | undefined {
    const object = /^\/v1\/objects\/([0-9a-f]{64})/.exec(path);
    if (object) return this.objects.get(object[1]!);
    if (this.#small.has(path)) return this.#small.get(path);
    const pack = this.#packs.get(/^\/v1\/releases\/([0-9a-f]{64})\/update$/.exec(path)?.[1] ?? '');
    const held = new Set(this.#packs.get(since));
    return pack && Buffer.concat(pack.filter((digest) => !held.has(digest)).slice(after).flatMap((digest) => this.#framed(digest)));
  }

  #framed(digest: string): Buffer[] {
    const bytes = this.objects.get(digest)!;
    const length = [];
    let left = bytes.length;
    for (; left > 127; left >>= 7) length.push(left % 128 + 128);
    return [Buffer.from([...length, left]), bytes];
  }
}
