/** Quizzes on the phone: drafts that are kept as they are typed, practice judged at once, attempts sealed in a chain. */

import { utf8, join } from '../codec/index.ts';
import { writeAnswer } from '../conflict/index.ts';
import { readManifest, type QuizObject } from '../content/manifests.ts';
import type { Downloads } from '../downloads/index.ts';
import { checkAnswer, type Key } from '../grading/index.ts';
import { Problem, type Answer, type Checked, type Question, type Quiz } from '../model.ts';
import { alone, write, type Sitting } from '../storage/database.ts';
import { nextHash } from '../wire/index.ts';
import { attemptsAt, attemptsOf } from './attempts.ts';
import { activityIn } from './cards.ts';
import { nowSeconds, type Work } from './work.ts';

const FIRST = new Uint8Array(32);
const TENTHS = 100; // milliseconds

const draftKey = (activity: string, question = ''): string => `q/${activity}/${question}`;
const sittingKey = (work: Work, course: string, activity: string): string => `sitting/${work.profile}/${course}/${activity}`;

export class Quizzes {
  constructor(
    private readonly work: Work,
    private readonly downloads: Downloads,
  ) {}

  async open(course: string, activity: string): Promise<Quiz> {
    const { entry, quiz } = await this.#quiz(course, activity);
    const attempts = attemptsAt(await attemptsOf(this.work.database, await this.work.stored()), course, activity);
    return {
      course,
      activity,
      title: entry.title,
      quiz: quiz.quiz,
      passMark: quiz.pass_mark,
      attempts: quiz.attempts,
      handedIn: attempts.handedIn,
      questions: quiz.questions.map(questionOf),
      draft: this.#draft(course, activity),
      results: attempts.results,
    };
  }

  async #quiz(course: string, activity: string) {
    const release = await this.downloads.release(course);
    const entry = activityIn(release, activity);
    if (!release || entry?.kind !== 'quiz') throw new Problem('not_on_phone');
    return { entry, number: release.root.number, quiz: readManifest(await this.downloads.object(entry.object), 'tiffin-quiz-1') };
  }

  #draft(course: string, activity: string): Record<string, Answer> {
    const prefix = draftKey(activity);
    return Object.fromEntries(this.work.keys(course, prefix).map((key) => [key.slice(prefix.length), this.work.read(course, key) as Answer]));
  }

  async answer(course: string, activity: string, question: string, answer: Answer): Promise<void> {
    await this.work.put(course, draftKey(activity, question), writeAnswer(await this.work.tick(), answer));
    await this.#sit(course, activity, question);
  }

  /** Notes how long she has been at it: an attempt says when it began and how long each question took. */
  async #sit(course: string, activity: string, question: string): Promise<void> {
    const key = sittingKey(this.work, course, activity);
    const now = Date.now();
    const before = ((await this.work.database.get('settings', key)) as Sitting | undefined) ?? { started: now, since: now, took: {} };
    const took = (before.took[question] ?? 0) + Math.round((now - before.since) / TENTHS);
    await this.work.database.put('settings', { ...before, since: now, took: { ...before.took, [question]: took } }, key);
  }

  async check(course: string, activity: string, question: string, answer: Answer): Promise<Checked> {
    const { quiz } = await this.#quiz(course, activity);
    const found = quiz.questions.find(({ id }) => id === question);
    const key = quiz.key?.[question];
    if (!found || !key) throw new Problem('not_on_phone', 'only practice quizzes are judged here');
    return checkAnswer(questionOf(found), key as Key, answer);
  }

  /** Seals the attempt: it is in the chain, and on the disk, when this resolves. */
  handIn(course: string, activity: string): Promise<void> {
    return alone(`records-${this.work.profile}`, async () => {
      const { quiz, number: release } = await this.#quiz(course, activity);
      const { database, profile } = this.work;
      const records = await database.getAllFromIndex('records', 'profile', profile);
      const stored = await this.work.stored();
      const number = attemptsAt(await attemptsOf(database, stored), course, activity).handedIn + 1;
      const record = await this.#record(course, activity, release, number, quiz, stored.anchor);
      const hash = await nextHash(records.at(-1)?.hash ?? FIRST, record);
      const drafts = this.work.keys(course, draftKey(activity));
      await write(database, ['records', 'settings'], (change) => {
        void change.objectStore('records').add({ profile, place: records.length, course, activity, number, record, hash });
        return change.objectStore('settings').delete(sittingKey(this.work, course, activity));
      });
      if (drafts.length) await this.work.remove(course, ...drafts);
    });
  }

  async #record(course: string, activity: string, release: number, number: number, quiz: QuizObject, anchor: number): Promise<Uint8Array<ArrayBuffer>> {
    const draft = this.#draft(course, activity);
    const answered = quiz.questions.map(({ id }) => id).filter((id) => draft[id] !== undefined);
    const sitting = (await this.work.database.get('settings', sittingKey(this.work, course, activity))) as Sitting | undefined;
    const fields = {
      course,
      activity,
      release,
      number,
      started: Math.floor((sitting?.started ?? Date.now()) / 1000),
      ended: nowSeconds(),
      answers: Object.fromEntries(answered.map((id) => [id, draft[id]])),
      took: answered.map((id) => sitting?.took[id] ?? 0),
      anchor: [anchor * 1000, Math.max(0, Date.now() - anchor * 1000)],
    };
    return join([utf8(JSON.stringify(fields))]);
  }
}

function questionOf({ id, kind, points, prompt, picture, picture_alt, choices }: QuizObject['questions'][number]): Question {
  return {
    id,
    kind,
    points,
    prompt,
    ...(picture ? { picture: { url: `/v1/objects/${picture.object}.webp`, alt: picture_alt ?? {} } } : {}),
    ...(choices ? { choices } : {}),
  };
}
