/** A trainer with a memory card: takes phones' files to the school, and files of replies back. */

import { createHash } from 'node:crypto';
import { join, Reader, toHex, uleb } from '../../src/codec/index.ts';
import type { CarriedFile } from '../../src/model.ts';
import type { School } from './school.ts';

const PICTURE = 0x50;
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** What a phone wrote down; asserts that the file is whole. */
export async function partsOf({ file }: CarriedFile): Promise<Uint8Array[]> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const reader = new Reader(bytes, 10);
  const parts: Uint8Array[] = [];
  for (let length = reader.uleb(); length; length = reader.uleb()) {
    const check = toHex(reader.take(8)), part = reader.take(length).slice();
    if (check !== toHex(sha256(part).subarray(0, 8))) throw new Error('a part is not what was written');
    parts.push(part);
  }
  const end = reader.at;
  if (toHex(reader.take(reader.left)) !== toHex(sha256(bytes.subarray(0, end)))) throw new Error('the file is not whole');
  return parts;
}

/** What the trainer carries back. */
export function replyFile(parts: readonly Uint8Array[]): Blob {
  const head = join([[0x89, 0x54, 0x49, 0x46, 0x46, 0x49, 0x4e, 0x0a, 1, 2], ...parts.map((part) => join([uleb(part.length), sha256(part).subarray(0, 8), part])), [0]]);
  return new Blob([join([head, sha256(head)])]);
}

/** The school takes each part of a phone's file, and says what became of it. */
export async function answersTo(school: School, file: CarriedFile): Promise<Uint8Array[]> {
  const answers: Uint8Array[] = [];
  for (const part of await partsOf(file)) answers.push(part[0] === PICTURE ? await pictureAnswer(school, part) : await answer(school, part));
  return answers;
}

async function answer(school: School, request: Uint8Array): Promise<Uint8Array> {
  const reply = await school.fetch('/v1/exchange', { body: request as Uint8Array<ArrayBuffer> });
  return join([deviceAt(school), uleb(school.requests.at(-1)!.profile), sha256(request), [0], new Uint8Array(await reply.arrayBuffer())]);
}

async function pictureAnswer(school: School, part: Uint8Array): Promise<Uint8Array> {
  const body = part.slice(1);
  const said = (await (await school.fetch('/v1/pictures', { body })).json()) as { state?: string; code?: string };
  const reader = new Reader(body, 65 + 16);
  const profile = reader.uleb();
  return join([deviceAt(school), uleb(profile), reader.take(32), [2], school.epoch, Buffer.from(said.state ?? said.code!)]);
}

const deviceAt = (school: School): Uint8Array => Buffer.from([...school.devices.keys()][0]!, 'hex');
