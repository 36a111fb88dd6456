/** Hostile changes get on the phone the answer that they get on the server. */

import { expect, test } from 'vitest';
import { decode, fromHex } from '../../src/codec/index.ts';
import { vectors } from '../vectors.ts';

const { changes } = vectors<{ changes: { name: string; fault: string; bytes: string }[] }>('hostile');

test.each(changes)('$name', ({ bytes, fault }) => {
  expect(() => decode(fromHex(bytes))).toThrow(expect.objectContaining({ fault }));
});
