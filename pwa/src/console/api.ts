/** The consoles' way to the server: typed by the API's own description, refused in words that say what to do. */

import type { components } from '../api/types.ts';

export type Shapes = components['schemas'];

/** A refusal, or a server that does not answer; `message` is fit to be shown. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

export const read = <T>(path: string): Promise<T> => call<T>('GET', path);
export const send = <T>(path: string, body: unknown = {}): Promise<T> => call<T>('POST', path, body);

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const options: RequestInit = { method };
  if (body instanceof Blob) {
    options.body = body;
  } else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { 'Content-Type': 'application/json' };
  }
  const reply = await fetch(path, options).catch(() => undefined);
  if (!reply) throw new Refused(0, 'offline', '');
  if (!reply.ok) throw await refusal(reply);
  return (reply.status === 204 ? undefined : await reply.json()) as T;
}

async function refusal(reply: Response): Promise<Refused> {
  const problem = (await reply.json().catch(() => ({}))) as Partial<Shapes['Problem']>;
  return new Refused(reply.status, problem.code ?? 'unknown', problem.detail ?? `${reply.status} ${reply.statusText}`);
}
