/** The name of an object. */

import { toHex } from '../codec/index.ts';
import { sha256 } from '../wire/index.ts';

export const digestOf = async (bytes: Uint8Array): Promise<string> => toHex(await sha256(bytes));
