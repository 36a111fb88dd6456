/** The manifests of a release, as far as the phone reads them (docs/bundle-format.md).
 *
 * Each was verified by its digest, so that a shape which does not fit was packed by something else, or by an enemy who
 * holds a key: it is refused as a whole, before anything is fetched or drawn by what it says. */

import { Problem, type ContentTier, type Question, type Text } from '../model.ts';
import { count, digest, each, either, list, literal, maybe, record, shape, text, tuple, type Check } from './shapes.ts';

export interface Sized {
  readonly object: string;
  readonly bytes: number;
}

export interface Root {
  readonly format: 'tiffin-release-1';
  readonly course: string;
  readonly number: number;
  readonly title: Text;
  readonly description: Text;
  readonly languages: readonly string[];
  readonly licence: string;
  readonly attribution: string;
  /** Releases below it are withdrawn. */
  readonly floor?: number;
  /** The last day on which it may be taken, as 2027-06-30. */
  readonly expires?: string;
  readonly lessons: readonly { id: string; title: Text; manifest: string; bytes: Readonly<Record<ContentTier, number>> }[];
}

interface Common {
  readonly id: string;
  readonly tier: ContentTier;
  readonly title: Text;
}

export type Activity =
  | (Common & { readonly kind: 'page'; readonly pages: Readonly<Record<string, Sized>>; readonly pictures: readonly Sized[] })
  | (Common & {
      readonly kind: 'video';
      readonly duration_ms: number;
      readonly stream: Sized;
      readonly poster?: Sized;
      readonly captions: readonly (Sized & { language: string })[];
    })
  | (Common & Sized & { readonly kind: 'quiz'; readonly quiz: 'practice' | 'graded'; readonly points: number; readonly pictures: readonly Sized[] })
  | (Common & Sized & { readonly kind: 'resource'; readonly type: string; readonly name: string });

export interface LessonManifest {
  readonly format: 'tiffin-lesson-1';
  readonly id: string;
  readonly title: Text;
  readonly activities: readonly Activity[];
}

export type Stretch = readonly [offset: number, length: number, sha256: string];
export type Segment = readonly [offset: number, length: number, milliseconds: number, sha256: string];

export interface Rendition extends Sized {
  readonly name: string;
  readonly codecs: string;
  readonly init: Stretch;
  readonly segments: readonly Segment[];
}

export interface Stream {
  readonly format: 'tiffin-stream-1';
  readonly duration_ms: number;
  readonly video: readonly Rendition[];
  readonly audio: readonly Rendition[];
}

export interface QuizObject {
  readonly format: 'tiffin-quiz-1';
  readonly quiz: 'practice' | 'graded';
  readonly pass_mark: number;
  readonly attempts?: number;
  readonly questions: readonly (Omit<Question, 'picture'> & { readonly picture?: Sized; readonly picture_alt?: Text })[];
  readonly key?: Readonly<Record<string, object>>;
}

interface Forms {
  'tiffin-release-1': Root;
  'tiffin-lesson-1': LessonManifest;
  'tiffin-stream-1': Stream;
  'tiffin-quiz-1': QuizObject;
}

export const MANIFEST_BYTES_MAX = 4 << 20; // the packer's own bound
/** A piece is held in memory while it is checked; the packer makes ten seconds of some 40 KB. */
export const SEGMENT_BYTES_MAX = 8 << 20;

const texts = each(text);
const sized = { object: digest, bytes: count };
const pictures = list(shape(sized));
const practiceOrGraded = literal('practice', 'graded');

const lesson = shape({
  id: text,
  title: texts,
  manifest: digest,
  bytes: shape({ essential: count, important: count, supplementary: count }),
});

const activity = {
  id: text,
  tier: literal('essential', 'important', 'supplementary'),
  title: texts,
};

const KINDS: readonly Check[] = [
  shape({ ...activity, kind: literal('page'), pages: each(shape(sized)), pictures }),
  shape({
    ...activity,
    kind: literal('video'),
    duration_ms: count,
    stream: shape(sized),
    poster: maybe(shape(sized)),
    captions: list(shape({ ...sized, language: text })),
  }),
  shape({ ...activity, ...sized, kind: literal('quiz'), quiz: practiceOrGraded, points: count, pictures }),
  shape({ ...activity, ...sized, kind: literal('resource'), type: text, name: text }),
];

const renditionShape = shape({
  ...sized,
  name: text,
  codecs: text,
  init: tuple(count, count, digest),
  segments: list(tuple(count, count, count, digest)),
});

/** Segments follow each other from the end of `init` to the end of the file at most: one range fetches neighbours. */
function isRendition(value: unknown): boolean {
  if (!renditionShape(value)) return false;
  const { bytes, init, segments } = value as Rendition;
  let end = 0;
  const isNext = ([offset, length]: readonly [number, number, ...unknown[]]) => {
    const follows = offset >= end && length > 0 && length <= SEGMENT_BYTES_MAX;
    end = offset + length;
    return follows && end <= bytes;
  };
  return [init, ...segments].every(isNext);
}

const choices = maybe(list(shape({ id: text, text: texts })));

const question = shape({
  id: text,
  kind: literal('single_choice', 'multiple_choice', 'numeric', 'short_text', 'ordering', 'matching', 'free_text', 'picture'),
  points: count,
  prompt: texts,
  picture: maybe(shape(sized)),
  picture_alt: maybe(texts),
  choices,
  items: choices,
  matches: choices,
  units: maybe(list(text)),
});

const SHAPES: Readonly<Record<keyof Forms, Check>> = {
  'tiffin-release-1': shape({
    course: text,
    number: count,
    title: texts,
    description: texts,
    languages: list(text),
    licence: text,
    attribution: text,
    floor: maybe(count), expires: maybe(text), lessons: list(lesson),
  }),
  'tiffin-lesson-1': shape({ id: text, title: texts, activities: list(either(KINDS)) }),
  'tiffin-stream-1': shape({ duration_ms: count, video: list(isRendition), audio: list(isRendition) }),
  'tiffin-quiz-1': shape({
    quiz: practiceOrGraded,
    pass_mark: count,
    attempts: maybe(count),
    questions: list(question),
    key: maybe(each(record)),
  }),
};

/** Throws `tampered` for bytes that are no manifest of this form. */
export function readManifest<F extends keyof Forms>(raw: Uint8Array, form: F): Forms[F] {
  const value = raw.length > MANIFEST_BYTES_MAX ? undefined : parsed(raw);
  if (!record(value) || (value as { format: unknown }).format !== form || !SHAPES[form](value)) throw new Problem('tampered', `no ${form}`);
  return value as Forms[F];
}

function parsed(raw: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch {
    return undefined;
  }
}
