/** Pictures, captions and files of courses, from what is kept on this phone; else from the network. */

import { openContent } from '../content/store.ts';
import { objectOf } from './policy.ts';

export async function objectReply(request: Request): Promise<Response> {
  const named = objectOf(new URL(request.url).pathname);
  const bytes = named && (await (await openContent()).get('objects', named.digest));
  if (!named || !bytes) return fetch(request);
  const headers = { 'Content-Type': named.type, 'Content-Length': String(bytes.length), 'X-Content-Type-Options': 'nosniff' };
  return new Response(bytes, { headers });
}
