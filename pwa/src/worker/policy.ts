/** Which request is answered how: pure, so that it can be read and tested without a browser. */

export type Answer = 'shell' | 'file' | 'object' | 'network';

const CONSOLE = /^\/(trainer|admin)(\/|$)/;
const OBJECT = /^\/v1\/objects\/([0-9a-f]{64})\.([a-z0-9]+)$/;

/** The consoles and the API are always the network's; every other page is a place in the app. */
export function answerTo(method: string, mode: string, path: string, precached: ReadonlySet<string>): Answer {
  if (method !== 'GET' || CONSOLE.test(path)) return 'network';
  if (OBJECT.test(path)) return 'object';
  if (path.startsWith('/v1/')) return 'network';
  if (precached.has(path)) return 'file';
  return mode === 'navigate' && !path.split('/').at(-1)!.includes('.') ? 'shell' : 'network';
}

export function objectOf(path: string): { digest: string; type: string } | undefined {
  const found = OBJECT.exec(path);
  return found ? { digest: found[1]!, type: TYPES[found[2]!] ?? 'application/octet-stream' } : undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  webp: 'image/webp',
  vtt: 'text/vtt; charset=utf-8',
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  pdf: 'application/pdf',
  mp4: 'video/mp4',
};

const TEXT_CHARACTERS_MAX = 300;

export interface Told {
  readonly title: string;
  readonly body: string;
  readonly url: string;
}

/** What a push message says, bounded; only places inside the app are opened. */
export function readPush(text: string): Told {
  const fields = parsed(text);
  const word = (name: string) => (typeof fields[name] === 'string' ? fields[name].slice(0, TEXT_CHARACTERS_MAX) : '');
  const url = word('url');
  return { title: word('title') || 'Tiffin', body: word('body'), url: /^\/(?!\/)/.test(url) ? url : '/' };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
