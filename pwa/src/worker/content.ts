/** Pictures, captions and files of courses, from what is kept on this phone; else from the network.
 *
 * Reads IndexedDB by hand: a worker starts at every picture of a page, and is smaller without a library. */

import { objectOf, replyTo } from './policy.ts';

export async function objectReply(request: Request): Promise<Response> {
  const named = objectOf(new URL(request.url).pathname);
  const bytes = named && (await stored(named.digest).catch(() => undefined));
  if (!named || !bytes) return fetch(request);
  const { status, start, end, headers } = replyTo(request.headers.get('range'), bytes.length, named);
  return new Response(bytes.subarray(start, end), { status, headers: { ...headers, 'Content-Length': String(end - start) } });
}

/** Opened for one read and closed, so that the page never waits for the worker when it changes the database. */
function stored(digest: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('tiffin-content');
    // Not there yet: only the page makes it, so that it has its stores.
    opening.onupgradeneeded = () => opening.transaction!.abort();
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      try {
        const reading = database.transaction('objects').objectStore('objects').get(digest);
        reading.onsuccess = () => resolve(reading.result as Uint8Array<ArrayBuffer> | undefined);
        reading.onerror = () => reject(reading.error);
      } catch (error) {
        reject(error);
      } finally {
        database.close(); // once what was asked is answered
      }
    };
  });
}
