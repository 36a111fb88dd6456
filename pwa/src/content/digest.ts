/** The name of an object. */

import { toHex, type Bytes } from '../codec/index.ts';

/** Reckoned beside the page's own thread; nothing of it is copied here. */
export const digestOf = async (bytes: Bytes): Promise<string> => toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
