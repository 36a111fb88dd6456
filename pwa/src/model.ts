/** What the screens may know and ask: the seam between the learner's screens and everything below them.
 *
 * The screens import only this file's types; `core/` implements `Tiffin`. Nothing here waits for a network.
 * Sizes are bytes, times are milliseconds since 1970 unless the name says otherwise. */

/** A text in the languages it was written in; the first language of the course is the one to fall back to. */
export type Text = Readonly<Record<string, string>>;

export type ContentTier = 'essential' | 'important' | 'supplementary';
export type LessonState = 'not_started' | 'in_progress' | 'completed';
export type ActivityKind = 'page' | 'video' | 'quiz' | 'resource';

/** Whatever went wrong, by a code that the screens turn into words that say what to do. */
export type ProblemCode =
  | 'offline' // no server answered
  | 'busy' // the server asked to wait
  | 'code_unknown' | 'code_expired' | 'too_many_tries' // joining
  | 'phone_full' // the quota or the disk is used up
  | 'tampered' // bytes that do not match what was signed
  | 'expired' // a release after its last day
  | 'not_on_phone' // asked for something that was not taken along
  | 'storage_lost' // the browser threw stored things away
  | 'work_lost' // her work among them, and perhaps who she is
  | 'not_known_here' // the server does not know this device any more
  | 'update_needed'
  | 'unknown';

export class Problem extends Error {
  constructor(readonly code: ProblemCode, detail?: string) {
    super(detail ?? code);
  }
}

export interface Profile {
  readonly number: number;
  readonly learner: string;
  readonly organisation: string;
  readonly language: string;
}

/** How full a course's tin is. `taking` and `paused` carry on from the byte they reached. */
export type Taken = 'no' | 'taking' | 'paused' | 'yes' | 'wrong';

export interface CourseCard {
  readonly id: string;
  readonly title: Text;
  readonly description: Text;
  readonly languages: readonly string[];
  readonly release: number;
  /** A newer release is known; taking the course again fetches only what changed. */
  readonly newer?: { readonly release: number; readonly bytes: number };
  readonly taken: Taken;
  readonly problem?: ProblemCode;
  readonly storedBytes: number;
  readonly totalBytes: number;
  readonly completed: number;
  readonly activities: number;
}

/** What waits to be sent, by sync tier: counts of things a learner would count. */
export interface Waiting {
  /** Finished quizzes and lessons. */
  readonly immediate: number;
  /** Places in videos, notes, bookmarks, drafts. */
  readonly batched: number;
  /** What was opened and for how long. */
  readonly eventual: number;
}

export interface LastExchange {
  readonly at: number;
  readonly ok: boolean;
  readonly problem?: ProblemCode;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export interface Snapshot {
  readonly ready: boolean;
  readonly profile: Profile | undefined;
  readonly profiles: readonly Profile[];
  readonly language: string;
  readonly courses: readonly CourseCard[];
  readonly waiting: Waiting;
  /** Of what was opened and for how long: what this phone had no room to keep until it was sent. */
  readonly dropped: number;
  readonly sending: boolean;
  readonly lastExchange: LastExchange | undefined;
  readonly storage: { readonly usedBytes: number; readonly quotaBytes: number; readonly kept: boolean };
  /** Bytes that Tiffin sent and received on this phone this month. */
  readonly dataBytes: number;
  readonly push: 'unsupported' | 'off' | 'on' | 'denied';
  readonly problem?: ProblemCode;
  readonly appUpdate: boolean;
}

export interface ActivityCard {
  readonly id: string;
  readonly kind: ActivityKind;
  readonly quiz?: 'practice' | 'graded';
  readonly tier: ContentTier;
  readonly title: Text;
  readonly state: LessonState;
  readonly stored: boolean;
  readonly bytes: number;
  readonly durationMs?: number;
  readonly result?: Result;
  /** Handed in and still on this phone only. */
  readonly waiting?: boolean;
}

export interface Lesson {
  readonly id: string;
  readonly title: Text;
  readonly activities: readonly ActivityCard[];
}

export interface Course extends CourseCard {
  readonly lessons: readonly Lesson[];
}

/** A grade that came back. Scores in thousandths of a point. */
export interface Result {
  readonly state: 'graded' | 'excess' | 'review' | 'refused';
  readonly score: number;
  readonly max: number;
  readonly passed: boolean;
  readonly number: number;
  readonly points: readonly number[];
  readonly feedback: Readonly<Record<string, Text>>;
  /** What a trainer wrote to her, by question. */
  readonly comments?: Readonly<Record<string, string>>;
}

/** What a trainer said of a whole assessment; it outranks what the attempts amount to. Thousandths of a point. */
export interface Standing {
  readonly state: 'excused' | 'standing';
  readonly score: number | null;
  readonly extra: number;
}

export interface Picture {
  readonly url: string;
  readonly alt: Text;
}

export interface Choice {
  readonly id: string;
  readonly text: Text;
}

export interface Question {
  readonly id: string;
  readonly kind: 'single_choice' | 'multiple_choice' | 'numeric' | 'short_text' | 'ordering' | 'matching' | 'free_text' | 'picture';
  readonly points: number;
  readonly prompt: Text;
  readonly picture?: Picture;
  readonly choices?: readonly Choice[];
  /** To be put in order (the answer: ids in order), or to be matched (the answer: texts `item=match`). */
  readonly items?: readonly Choice[];
  readonly matches?: readonly Choice[];
  /** Of a number: the spellings of a unit, one of which belongs behind it. */
  readonly units?: readonly string[];
}

/** The photographs that a quiz was answered with. `waiting`: sealed and not all there yet. */
export interface Pictures {
  readonly waiting: number;
  /** Arrived, and could not be opened there. */
  readonly unreadable: number;
  /** Made small and kept; gives the answer that names it. Throws Problem: phone_full; unknown for no picture. */
  keep(file: Blob): Promise<string>;
  /** Undefined where it is not on this phone. */
  read(answer: string): Promise<Blob | undefined>;
}

export type Answer = string | readonly string[];

export interface Quiz {
  readonly course: string;
  readonly activity: string;
  readonly title: Text;
  readonly quiz: 'practice' | 'graded';
  readonly passMark: number;
  /** How many attempts count, if limited, and how many this learner has handed in. */
  readonly attempts: number | undefined;
  readonly handedIn: number;
  readonly questions: readonly Question[];
  readonly draft: Readonly<Record<string, Answer>>;
  readonly results: readonly Result[];
  readonly standing: Standing | undefined;
  readonly pictures: Pictures;
}

export interface Checked {
  readonly correct: boolean;
  readonly points: number;
  readonly max: number;
  /** What to read now, in the order to show it. */
  readonly feedback: readonly Text[];
  /** Ids of the right choices, or the right answer in words. */
  readonly right: readonly string[];
}

export interface Note {
  readonly id: string;
  /** More than one when two phones wrote at the same time: both are kept until the learner joins them. */
  readonly texts: readonly string[];
}

export interface VideoPlace {
  readonly positionS: number;
  readonly watchedS: number;
  /** What was watched, on any phone, as stretches of seconds in order. */
  readonly stretchesS: readonly (readonly [from: number, to: number])[];
  readonly bookmarksS: readonly number[];
}

/** An attached player. `detach` frees what it holds. */
export interface Player {
  detach(): void;
}

export interface Video {
  readonly durationMs: number;
  readonly poster: string | undefined;
  readonly captions: readonly { readonly language: string; readonly url: string }[];
  readonly place: VideoPlace;
  /** Feeds the element from what is kept on this phone (else from the network, when there is one). */
  attach(element: HTMLVideoElement): Promise<Player>;
}

export type Quality = 'small' | 'normal' | 'best';

/** What she asked for. `bytesMax` is of data, for this download or for all of a calendar month. */
export interface Wish {
  readonly quality: Quality;
  readonly bytesMax?: number;
  readonly per: 'download' | 'month';
}

/** Why: of what is taken, of how it is taken, of what is not. */
export type Reason =
  | 'kept' // it is on the phone already
  | 'essential' | 'fits'
  | 'slides' // still pictures, sharp enough to read
  | 'better' // the picture that she asked for
  | 'smaller_data' | 'smaller_room' | 'smaller_saving' // taken, in a smaller picture than she asked for
  | 'over_data' | 'over_room' // not now
  | 'online'; // supplementary: only with a network

export interface Planned {
  readonly activity: string;
  readonly when: 'now' | 'later' | 'online';
  readonly reason: Reason;
  readonly picture?: string;
  /** Of all of it, and of what is to be fetched. */
  readonly bytes: number;
  readonly missingBytes: number;
}

/** What would be taken along, and why: in the course's order. */
export interface CoursePlan {
  readonly activities: readonly (Planned & { readonly title: Text })[];
  readonly missingBytes: number;
  readonly isSaving: boolean;
}

/** One course's content and one learner's wish for all of hers. */
export interface Choosing {
  readonly wish: Wish;
  plan(wish: Wish): Promise<CoursePlan>;
  /** For this course and those to come. */
  keep(wish: Wish): Promise<void>;
}

/** What came of a card: how each of her courses on it fared, how many there were of others, and what the card lacks. */
export interface TakenCard {
  /** `isNew`: one that she took though nobody put her on it yet. */
  readonly courses: readonly { readonly id: string; readonly problem?: ProblemCode | undefined; readonly isOlder: boolean; readonly isNew?: boolean }[];
  /** What her organisation signed and she was not put on, as far as this phone has heard. */
  readonly offered: readonly { readonly id: string; readonly title: Text; readonly bytes: number }[];
  readonly others: number;
  readonly isCut: boolean;
  /** Files of the card that were not picked, by their names where these follow from the others'. */
  readonly absentFiles: readonly string[];
}

/** What of one learner's waiting work is in a file. Not `isWhole`: more than one request takes, and the rest can follow
 * once this one was answered. `problem`: why nothing of hers is in it. */
export interface FiledWork {
  readonly learner: string;
  readonly filed: Waiting;
  readonly isWhole: boolean;
  readonly problem?: ProblemCode | undefined;
}

/** What waits on this phone, written down; `works`: of everybody who learns on it, who made the file first. Not
 * `isWhole`: more waits than a file takes, and photographs that are left come first in the next. */
export interface CarriedFile {
  readonly file: Blob;
  readonly name: string;
  readonly works: readonly FiledWork[];
  readonly isWhole: boolean;
}

export interface Tiffin {
  snapshot(): Snapshot;
  /** Calls back after every change of the snapshot; returns how to stop. */
  subscribe(listener: () => void): () => void;

  /** Throws Problem: code_unknown, code_expired, too_many_tries, offline. */
  join(code: string): Promise<Profile>;
  switchProfile(number: number): Promise<void>;
  setLanguage(language: string): Promise<void>;

  course(id: string): Promise<Course>;
  /** Takes along what she chose of it. */
  take(course: string): Promise<void>;
  /** Copies from the files of a memory card what she chose of each of her courses, without a network. Throws `Problem`:
   * tampered, for files that are no card, or whose courses nobody signed that this phone trusts. */
  takeCard(files: readonly File[], also: readonly string[]): Promise<TakenCard>;
  /** What there is to choose of the course's newest release; brings its texts, a few kilobytes. */
  choosing(course: string): Promise<Choosing>;
  pause(course: string): Promise<void>;
  remove(course: string): Promise<void>;

  /** HTML that was cleaned when packed and verified when stored. */
  page(course: string, activity: string, language: string): Promise<{ html: string; language: string }>;
  video(course: string, activity: string): Promise<Video>;
  quiz(course: string, activity: string): Promise<Quiz>;
  resource(course: string, activity: string): Promise<{ url: string; name: string; type: string }>;

  opened(course: string, activity: string): Promise<void>;
  completed(course: string, activity: string): Promise<void>;
  /** A stretch [fromS, toS] was watched and playing stands at `positionS`. */
  watched(course: string, activity: string, fromS: number, toS: number, positionS: number): Promise<void>;

  answer(course: string, activity: string, question: string, answer: Answer): Promise<void>;
  /** Practice only: judged on the phone. */
  check(course: string, activity: string, question: string, answer: Answer): Promise<Checked>;
  /** Seals and keeps the attempt; resolves when it is safe on this phone. */
  handIn(course: string, activity: string): Promise<void>;

  notes(course: string, activity: string): Promise<readonly Note[]>;
  putNote(course: string, activity: string, text: string, id?: string): Promise<void>;
  removeNote(course: string, activity: string, id: string): Promise<void>;
  bookmark(course: string, activity: string, positionS: number, on: boolean): Promise<void>;

  /** One exchange now. Never throws: the outcome stands in the snapshot. */
  exchange(): Promise<LastExchange>;
  /** What waits of everybody on this phone, as a file that a trainer can carry. */
  exchangeFile(): Promise<CarriedFile>;
  /** A file of replies that a trainer brought back; gives how many were for this phone. Throws Problem: tampered. */
  takeReplies(file: Blob): Promise<number>;

  enablePush(): Promise<void>;
  applyAppUpdate(): Promise<void>;
}
