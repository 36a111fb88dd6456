/** Small courses in the real format, signed by a key of their own. Bytes come from a seed: the same each time. */

import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { ReleaseRecord } from '../../src/content/store.ts';

export type Objects = Map<string, Buffer>;

export interface Packed {
  readonly record: ReleaseRecord;
  readonly objects: Objects;
  /** Digests that travel in the release's pack, in manifest order. */
  readonly texts: readonly string[];
  /** What stands in the row of small objects. */
  readonly small: Buffer;
  /** Digests of the segments of each rendition, the init first. */
  readonly segments: Readonly<Record<string, readonly string[]>>;
  readonly names: Readonly<Record<string, string>>;
}

export interface Content {
  readonly course?: string;
  readonly number?: number;
  readonly page?: string;
  readonly pictureBytes?: number;
  readonly segmentBytes?: readonly number[];
  readonly pages?: number;
  readonly floor?: number;
  readonly expires?: string;
}

const keys = generateKeyPairSync('ed25519');
export const releaseKey = new Uint8Array(keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
export const strangersKey = generateKeyPairSync('ed25519').privateKey;

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const bytesFrom = (seed: string, length: number): Buffer => {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, at) => createHash('sha256').update(`${seed} ${at}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
};

export function signed(root: string, key: KeyObject = keys.privateKey): string {
  return sign(null, Buffer.concat([Buffer.from('tiffin-release-1\n'), Buffer.from(root, 'hex')]), key).toString('hex');
}

/** A page with a picture, a practice quiz, a video in two pictures and two sounds, a handout, and what stays online. */
export function pack({ course = 'water', number = 1, page = 'Boil it.', pictureBytes = 9_000, segmentBytes = [20_000, 24_000, 21_000], pages = 1, ...said }: Content = {}): Packed {
  const objects: Objects = new Map();
  const texts: string[] = [];
  const segments: Record<string, readonly string[]> = {};
  const put = (bytes: Buffer) => {
    objects.set(sha256(bytes), bytes);
    return { object: sha256(bytes), bytes: bytes.length };
  };
  const text = (content: string | object) => {
    const found = put(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));
    if (found.bytes < 64 << 10) texts.push(found.object);
    return found;
  };
  const rendition = (name: string, codecs: string, lengths: readonly number[]) => {
    const parts = [700, ...lengths].map((length, at) => bytesFrom(`${course} ${name} ${at}`, length));
    parts.forEach((part) => objects.set(sha256(part), part));
    segments[name] = parts.map(sha256);
    let offset = 0;
    const stretches = parts.map((part, at) => {
      const start = offset;
      offset += part.length;
      return at ? [start, part.length, 10_000, sha256(part)] : [start, part.length, sha256(part)];
    });
    return { name, codecs, ...put(Buffer.concat(parts)), init: stretches[0], segments: stretches.slice(1), playlist: sha256(Buffer.from(name)) };
  };
  const picture = put(bytesFrom(`${course} picture`, pictureBytes));
  const stream = {
    format: 'tiffin-stream-1', duration_ms: segmentBytes.length * 10_000, playlist: sha256(Buffer.from('master')),
    video: [rendition('still', 'avc1.42c00d', segmentBytes), rendition('sharp', 'avc1.42c01e', segmentBytes.map((length) => 3 * length))],
    audio: [rendition('aac', 'mp4a.40.2', segmentBytes.map(() => 4_000)), rendition('opus', 'opus', segmentBytes.map(() => 5_000))],
  };
  const handout = put(bytesFrom(`${course} handout`, 150_000));
  const book = put(bytesFrom(`${course} book`, 90_000));
  const common = (id: string, kind: string, tier: string) => ({ id, kind, tier, title: { en: id } });
  const why = text(`<p>${page}</p>`);
  const more = Array.from({ length: pages - 1 }, (_, at) => ({
    page: text(`<p>Page ${at}. ${bytesFrom(`page ${at}`, 2_000).toString('hex')}</p>`),
    picture: put(bytesFrom(`${course} picture ${at}`, 1_000)),
  }));
  const streamed = text(stream);
  const captions = text('WEBVTT\n');
  const quiz = text({ format: 'tiffin-quiz-1', quiz: 'practice', pass_mark: 60, questions: [], key: {} });
  const extra = text('<p>Read on.</p>');
  const lesson = text({
    format: 'tiffin-lesson-1', id: 'one', title: { en: 'One' },
    activities: [
      { ...common('why', 'page', 'essential'), pages: { en: why }, pictures: [{ ...picture, type: 'image/webp' }] },
      ...more.map(({ page, picture }, at) => ({ ...common(`more-${at}`, 'page', 'essential'), pages: { en: page }, pictures: [{ ...picture, type: 'image/webp' }] })),
      { ...common('lecture', 'video', 'important'), duration_ms: stream.duration_ms, stream: streamed, captions: [{ language: 'en', ...captions }] },
      { ...common('check', 'quiz', 'essential'), quiz: 'practice', points: 1, ...quiz, pictures: [] },
      { ...common('sheet', 'resource', 'important'), ...handout, type: 'application/pdf', name: 'sheet.pdf' },
      { ...common('book', 'resource', 'supplementary'), ...book, type: 'application/pdf', name: 'book.pdf' },
      { ...common('extra', 'page', 'supplementary'), pages: { en: extra }, pictures: [] },
    ],
  });
  const root = text({
    format: 'tiffin-release-1', ...said, course, number, title: { en: course }, description: { en: '' }, languages: ['en'], licence: 'CC-BY-4.0',
    attribution: '', key: sha256(releaseKey).slice(0, 16),
    lessons: [{ id: 'one', title: { en: 'One' }, manifest: lesson.object, bytes: { essential: 0, important: 0, supplementary: 0 } }],
  });
  const record = { course, number, root: root.object, root_bytes: root.bytes, signature: signed(root.object), key: sha256(releaseKey).slice(0, 16) };
  const small = Buffer.concat([picture, ...more.map(({ picture }) => picture)].filter(({ bytes }) => bytes < 64 << 10).map(({ object }) => objects.get(object)!));
  const names = { picture: picture.object, handout: handout.object, book: book.object, why: why.object, extra: extra.object, quiz: quiz.object };
  return { record, objects, texts: texts.reverse(), small, segments, names };
}
