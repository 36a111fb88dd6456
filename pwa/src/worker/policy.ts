/** Which request is answered how: pure, so that it can be read and tested without a browser. */

export type Answer = 'shell' | 'file' | 'object' | 'network';

const CONSOLE = /^\/(trainer|admin)(\/|$)/;
const OBJECT = /^\/v1\/objects\/([0-9a-f]{64})\.([a-z0-9]{1,8})$/;

/** The consoles and the API are always the network's; every other page is a place in the app. */
export function answerTo(method: string, mode: string, path: string, precached: ReadonlySet<string>): Answer {
  if (method !== 'GET' || CONSOLE.test(path)) return 'network';
  if (OBJECT.test(path)) return 'object';
  if (path.startsWith('/v1/')) return 'network';
  if (precached.has(path)) return 'file';
  return mode === 'navigate' && !path.split('/').at(-1)!.includes('.') ? 'shell' : 'network';
}

/** A window that shows a console is nothing to open a learner's notification in. */
export const isApp = (path: string): boolean => !CONSOLE.test(path);

export interface Named {
  readonly digest: string;
  readonly type: string;
}

export function objectOf(path: string): Named | undefined {
  const found = OBJECT.exec(path);
  return found ? { digest: found[1]!, type: TYPES[found[2]!] ?? 'application/octet-stream' } : undefined;
}

/** As the server has them. */
const TYPES: Readonly<Record<string, string>> = {
  webp: 'image/webp',
  mp4: 'video/mp4',
  m3u8: 'application/vnd.apple.mpegurl',
  json: 'application/json',
  vtt: 'text/vtt; charset=utf-8',
  html: 'text/html; charset=utf-8',
  pdf: 'application/pdf',
};

export interface Reply {
  readonly status: 200 | 206 | 416;
  readonly start: number;
  readonly end: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** How an object of this size is sent: whole, or the one range that was asked for (RFC 9110, 14). */
export function replyTo(range: string | null, size: number, { digest, type }: Named): Reply {
  const headers = {
    'Content-Type': type,
    'Accept-Ranges': 'bytes',
    ETag: `"${digest}"`,
    'X-Content-Type-Options': 'nosniff',
    // An object is a course's, not ours: opened by itself it may run nothing, offline as online.
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  };
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  const isBackwards = first && last && Number(last) < Number(first);
  if (!first && !last || isBackwards) return { status: 200, start: 0, end: size, headers };
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last) + 1, size) : size;
  if (start >= end) return { status: 416, start: 0, end: 0, headers: { ...headers, 'Content-Range': `bytes */${size}` } };
  return { status: 206, start, end, headers: { ...headers, 'Content-Range': `bytes ${start}-${end - 1}/${size}` } };
}

/** A built file whose name says what it holds: it never changes, whatever the revision. */
export const isImmutable = (path: string): boolean => path.startsWith('/assets/');
