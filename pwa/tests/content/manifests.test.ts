import { describe, expect, test } from 'vitest';
import { readManifest } from '../../src/content/manifests.ts';
import { utf8 } from '../../src/codec/index.ts';

const DIGEST = 'ab'.repeat(32);
const raw = (value: unknown) => utf8(JSON.stringify(value));

const root = () => ({
  format: 'tiffin-release-1', course: 'water', number: 1, title: { en: 'Water' }, description: { en: '' }, languages: ['en'],
  licence: 'CC-BY-4.0', attribution: '', key: '0123456789abcdef',
  lessons: [{ id: 'one', title: { en: 'One' }, manifest: DIGEST, bytes: { essential: 1, important: 2, supplementary: 0 } }],
});

const rendition = () => ({
  name: '240p', codecs: 'avc1.42c00d', object: DIGEST, bytes: 100, playlist: DIGEST,
  init: [0, 10, DIGEST], segments: [[10, 40, 10_000, DIGEST], [50, 50, 10_000, DIGEST]],
});

const stream = (changed: object) => raw({ format: 'tiffin-stream-1', duration_ms: 20_000, video: [{ ...rendition(), ...changed }], audio: [] });

const page = () => ({ id: 'why', kind: 'page', tier: 'essential', title: { en: 'Why' }, pages: { en: { object: DIGEST, bytes: 3 } }, pictures: [] });
const lesson = (activity: object) => raw({ format: 'tiffin-lesson-1', id: 'one', title: { en: 'One' }, activities: [activity] });

describe('a manifest', () => {
  test('that fits its form is read', () => {
    expect(readManifest(raw(root()), 'tiffin-release-1').lessons[0]!.manifest).toBe(DIGEST);
    expect(readManifest(stream({}), 'tiffin-stream-1').video[0]!.segments).toHaveLength(2);
    expect(readManifest(lesson(page()), 'tiffin-lesson-1').activities[0]!.kind).toBe('page');
  });

  test('may say more than this version knows', () => {
    expect(readManifest(raw({ ...root(), later: true }), 'tiffin-release-1').number).toBe(1);
  });

  test.each([
    ['is no JSON', utf8('{')],
    ['is no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['is null', raw(null)],
    ['is a list', raw([])],
    ['has another form', raw({ ...root(), format: 'tiffin-release-2' })],
    ['names an object by something else than a digest', raw({ ...root(), lessons: [{ ...root().lessons[0], manifest: '../secret' }] })],
    ['numbers itself in text', raw({ ...root(), number: '1' })],
    ['has a title that is no text', raw({ ...root(), title: { en: 7 } })],
    ['has more lessons than any course', raw({ ...root(), lessons: Array(5001).fill(root().lessons[0]) })],
    ['is larger than any manifest', new Uint8Array((4 << 20) + 1).fill(0x20)],
  ])('that %s is refused', (_, bytes) => {
    expect(() => readManifest(bytes, 'tiffin-release-1')).toThrow(expect.objectContaining({ code: 'tampered' }));
  });

  test.each([
    ['reaches beyond its file', { bytes: 99 }],
    ['overlaps itself', { segments: [[10, 40, 1, DIGEST], [49, 50, 1, DIGEST]] }],
    ['begins before its init ends', { segments: [[9, 40, 1, DIGEST]] }],
    ['has an empty segment', { segments: [[10, 0, 1, DIGEST]] }],
    ['counts backwards', { segments: [[10, -4, 1, DIGEST]] }],
    ['counts in parts', { segments: [[10, 1.5, 1, DIGEST]] }],
    ['has a segment that fills a phone', { bytes: 1e9, segments: [[10, 9e8, 1, DIGEST]] }],
    ['has no init', { init: undefined }],
  ])('whose rendition %s is refused', (_, changed) => {
    expect(() => readManifest(stream(changed), 'tiffin-stream-1')).toThrow(expect.objectContaining({ code: 'tampered' }));
  });

  test.each([
    ['of an unknown kind', { ...page(), kind: 'game' }],
    ['of an unknown tier', { ...page(), tier: 'vital' }],
    ['without pictures', { ...page(), pictures: undefined }],
    ['that is null', null],
  ])('with an activity %s is refused', (_, activity) => {
    expect(() => readManifest(lesson(activity as object), 'tiffin-lesson-1')).toThrow(expect.objectContaining({ code: 'tampered' }));
  });
});
