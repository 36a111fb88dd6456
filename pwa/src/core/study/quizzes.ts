/** Quizzes on the phone: drafts that are kept as they are typed, practice judged at once, attempts sealed in a chain. */

import { utf8, join } from '../../codec/index.ts';
import { COMPLETED, writeAnswer } from '../../conflict/index.ts';
import { readManifest, type QuizObject } from '../../content/manifests.ts';
import type { Downloads } from '../../downloads/index.ts';
import { checkAnswer, type Key } from '../../grading/index.ts';
import { Problem, type Answer, type Checked, type Question, type Quiz } from '../../model.ts';
import type { Sitting, StoredProfile } from '../../storage/database.ts';
import { ATTEMPTED, nextHash } from '../../wire/index.ts';
import { attemptsAt, attemptsOf } from './attempts.ts';
import { activityIn } from '../cards.ts';
import { storable } from './notes.ts';
import { picturesAt, sealing } from './pictures.ts';
import { nowSeconds, type Deed, type Put, type Work } from './work.ts';

const FIRST = new Uint8Array(32);
const TENTHS = 100; // milliseconds

const draftKey = (activity: string, question = ''): string => `q/${activity}/${question}`;
const sitDown = (): Sitting => ({ started: Date.now(), since: Date.now(), took: {} });
const sittingAt = async (work: Work, key: string) => (await work.database.get('settings', key)) as Sitting | undefined;
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
      attempts: quiz.attempts && quiz.attempts + (attempts.standing?.extra ?? 0),
      handedIn: attempts.handedIn,
      questions: quiz.questions.map(questionOf),
      draft: this.#draft(course, activity),
      results: attempts.results,
      standing: attempts.standing,
      pictures: await picturesAt(this.work, course, activity, () => Object.values(this.#draft(course, activity))),
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

  /** An attempt says when it began and how long each question took: an answer's time counts from the one before. */
  answer(course: string, activity: string, question: string, given: Answer): Promise<void> {
    const answer = typeof given === 'string' ? storable(given) : given;
    return this.work.do(course, async (stamp) => {
      const key = sittingKey(this.work, course, activity);
      const now = Date.now();
      const { started, since, took } = (await sittingAt(this.work, key)) ?? sitDown();
      const tenths = (took[question] ?? 0) + Math.max(0, Math.round((now - since) / TENTHS));
      return {
        puts: [[draftKey(activity, question), writeAnswer(stamp, answer)]],
        settings: [[key, { started, since: now, took: { ...took, [question]: tenths } }]],
      };
    });
  }

  /** She opened it: time that she was away is not time that she thought. */
  async satDown(course: string, activity: string): Promise<NonNullable<Deed['settings']>> {
    const key = sittingKey(this.work, course, activity);
    return [[key, { ...((await sittingAt(this.work, key)) ?? sitDown()), since: Date.now() }]];
  }

  async check(course: string, activity: string, question: string, answer: Answer): Promise<Checked> {
    const { quiz } = await this.#quiz(course, activity);
    const found = quiz.questions.find(({ id }) => id === question);
    const key = quiz.key?.[question];
    if (!found || !key) throw new Problem('not_on_phone', 'only practice quizzes are judged here');
    return checkAnswer(questionOf(found), key as Key, answer);
  }

  /** Seals the attempt: it is in the chain, its drafts are gone, the quiz is done, all on the disk when this resolves.
   * What was handed in already, in another tab or by a second tap, is not handed in again. */
  async handIn(course: string, activity: string): Promise<void> {
    const { quiz, number: release } = await this.#quiz(course, activity);
    await this.work.do(course, async (_, profile) => {
      const { database, profile: mine } = this.work;
      const attempts = await attemptsOf(database, profile);
      const drafts = this.work.keys(course, draftKey(activity));
      const key = sittingKey(this.work, course, activity);
      if (!drafts.length && !(await sittingAt(this.work, key))) return {};
      const number = attemptsAt(attempts, course, activity).handedIn + 1;
      const record = await this.#record(course, activity, release, number, quiz, profile);
      const last = attempts.records.at(-1);
      return {
        record: { profile: mine, place: last ? last.place + 1 : 0, course, activity, number, record, hash: await nextHash(last?.hash ?? FIRST, record) },
        puts: [...drafts.map((draft): Put => [draft, undefined]), [`s/${activity}`, COMPLETED]],
        settings: [[key, undefined], ...(await sealing(this.work, course, activity, Object.values(this.#draft(course, activity))))],
        event: { verb: ATTEMPTED, activity },
      };
    });
  }

  async #record(course: string, activity: string, release: number, number: number, quiz: QuizObject, { anchor, heardAt }: StoredProfile): Promise<Uint8Array<ArrayBuffer>> {
    const draft = this.#draft(course, activity);
    const answered = quiz.questions.map(({ id }) => id).filter((id) => draft[id] !== undefined);
    const sitting = await sittingAt(this.work, sittingKey(this.work, course, activity));
    const fields = {
      course,
      activity,
      release,
      number,
      started: Math.floor((sitting?.started ?? Date.now()) / 1000),
      ended: nowSeconds(),
      answers: Object.fromEntries(answered.map((id) => [id, draft[id]])),
      took: answered.map((id) => sitting?.took[id] ?? 0),
      anchor: [anchor * 1000, Math.max(0, Date.now() - heardAt)],
    };
    return join([utf8(JSON.stringify(fields))]);
  }
}

function questionOf({ picture, picture_alt, ...question }: QuizObject['questions'][number]): Question {
  return { ...question, ...(picture ? { picture: { url: `/v1/objects/${picture.object}.webp`, alt: picture_alt ?? {} } } : {}) };
}
