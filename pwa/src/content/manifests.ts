/** The manifests of a release, as far as the phone reads them. Each was verified by its digest; what does not fit all
 * the same was packed by something else, and is refused as a whole. */

import { Problem, type ContentTier, type Text } from '../model.ts';

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
  readonly questions: readonly {
    readonly id: string;
    readonly kind: 'single_choice' | 'multiple_choice' | 'numeric' | 'short_text';
    readonly points: number;
    readonly prompt: Text;
    readonly picture?: Sized;
    readonly picture_alt?: Text;
    readonly choices?: readonly { id: string; text: Text }[];
  }[];
  readonly key?: Readonly<Record<string, object>>;
}

const MANIFEST_BYTES_MAX = 4 << 20;

interface Forms {
  'tiffin-release-1': Root;
  'tiffin-lesson-1': LessonManifest;
  'tiffin-stream-1': Stream;
  'tiffin-quiz-1': QuizObject;
}

/** Throws `tampered` for bytes that are no manifest of this form. */
export function readManifest<F extends keyof Forms>(raw: Uint8Array, form: F): Forms[F] {
  if (raw.length > MANIFEST_BYTES_MAX) throw new Problem('tampered', 'a manifest that is too large');
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw)) as Forms[F];
    if (value.format === form) return value;
  } catch {
    // told below
  }
  throw new Problem('tampered', `no ${form}`);
}
