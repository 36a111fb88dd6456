/** Hostile changes, replies and carried files get on the phone the answer that they get on the server. */

import { expect, test } from 'vitest';
import { repliesIn } from '../../src/core/exchange/carried.ts';
import { CodecError, decode, fromHex } from '../../src/codec/index.ts';
import { Problem } from '../../src/model.ts';
import { readReply, WireError } from '../../src/wire/index.ts';
import { vectors } from '../vectors.ts';

interface Case {
  name: string; bytes: string; again?: string; times?: number;
}

type Refused = Case & { fault: string };

const { changes, replies, files, no_files } =
  vectors<{ changes: Refused[]; replies: Refused[]; no_files: Refused[]; files: (Case & { readable: number })[] }>('hostile');

const bytesOf = ({ bytes, again = '', times = 0 }: Case): Uint8Array => Buffer.concat([fromHex(bytes), ...Array<Uint8Array>(times).fill(fromHex(again))]);

test.each(changes)('a change: $name', (hostile) => {
  expect(() => decode(bytesOf(hostile))).toThrow(expect.objectContaining({ fault: hostile.fault }));
});

test.each(replies)('a reply: $name', async (hostile) => {
  const error: unknown = await readReply(bytesOf(hostile)).catch((thrown: unknown) => thrown);
  expect(error instanceof WireError || error instanceof CodecError, String(error)).toBe(true);
});

test.each(files)('a file of replies with $name', async (damaged) => {
  expect(await repliesIn(bytesOf(damaged))).toHaveLength(damaged.readable);
});

test.each(no_files.filter(({ times }) => !times))('no file of replies: $name', async (hostile) => {
  await expect(repliesIn(bytesOf(hostile))).rejects.toBeInstanceOf(Problem);
});
