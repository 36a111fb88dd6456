/** The app below the screens: implements `Tiffin` by putting storage, rules, downloads and the exchange together. */

import { COMPLETED, IN_PROGRESS } from '../conflict/index.ts';
import type { Bytes } from '../codec/index.ts';
import { bringing, Downloads, type ReleaseRecord, type Source } from '../downloads/index.ts';
import { keyId } from '../downloads/signature.ts';
import { Problem, type Answer, type CourseCard, type LastExchange, type Profile, type Snapshot, type Tiffin } from '../model.ts';
import { alone, keepSetting, openDatabase, write, type Announced, type Database, type StoredCourse, type StoredDevice } from '../storage/database.ts';
import { wordsFor } from '../strings/words.ts';
import { tool, toolFiles } from '../tools/index.ts';
import { ATTEMPTED, DOWNLOADED, OPENED, READ } from '../wire/index.ts';
import { attemptsOf } from './study/attempts.ts';
import { activityIn, cardOf, courseOf } from './cards.ts';
import { openDevice } from './phone/device.ts';
import { HEADERS_BYTES, nextRequest, settle } from './exchange/exchange.ts';
import { join } from './phone/joining.ts';
import { Meter } from './phone/meter.ts';
import { bookmark, notesAt, putNote, reaches, removeNote, watched } from './study/notes.ts';
import { pageOf, resourceOf, videoOf } from './opening.ts';
import type { Told } from './exchange/outbox.ts';
import { pushState, subscribe, subscriptionOf } from './phone/push.ts';
import type { Quizzes } from './study/quizzes.ts';
import { browserLanguage, EMPTY, lasting, profileOf, statusOf } from './snapshot.ts';
import { Travels } from './exchange/travels.ts';
import { applyUpdate, keepFiles, keepSignatures, watchForUpdates } from './phone/updates.ts';
import { Work } from './study/work.ts';

const JOINED_MARK = 'tiffin-joined'; // in another storage than the work: what is left when the browser loses that

export async function createTiffin(): Promise<Tiffin> {
  const database = await openDatabase();
  const device = await openDevice(database);
  const meter = new Meter(database);
  let app: App | undefined;
  const toolsKept = async () => (await bringing()).filesKept(...toolFiles(app!.snapshot().language));
  const downloads = await Downloads.open({ onChange: () => void app?.refresh(), onBytes: meter.count, toolsKept });
  app = new App(database, device, downloads, meter);
  await app.start();
  return app;
}

/** For the tool that exchanges by file. */
const EXCHANGING = { open: Work.open, nextRequest, settle, alone, write };

type Release = StoredCourse & Required<Pick<StoredCourse, 'release'>>;

class App implements Tiffin {
  readonly #listeners = new Set<() => void>();
  readonly #others = new BroadcastChannel('tiffin');
  readonly #sizes = new Map<string, number>();
  #snapshot: Snapshot = EMPTY;
  #work: Work | undefined;
  readonly #travels: Travels;
  #asked: Promise<void> | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly device: StoredDevice,
    private readonly downloads: Downloads,
    private readonly meter: Meter,
  ) {
    this.#travels = new Travels(database, device, meter, {
      work: () => this.#work,
      told: () => this.#told(),
      began: () => this.#set({ sending: true }),
      changed: () => this.#changed(),
      arrived: (work) => this.#measureUpdates(work),
    });
  }

  async start(): Promise<void> {
    const profiles = await this.database.getAllKeys('profiles');
    const chosen = (await this.database.get('settings', 'profile')) as number | undefined;
    const current = chosen ?? profiles[0];
    if (current !== undefined) this.#work = await Work.open(this.database, current);
    this.#others.onmessage = () => void this.#work?.refresh().then(() => this.refresh());
    watchForUpdates(() => this.#set({ appUpdate: true }));
    this.#set(await this.#read());
    if (this.#work) await this.#begin(this.#work);
  }

  async #begin(work: Work): Promise<void> {
    globalThis.localStorage?.setItem(JOINED_MARK, '1');
    if (work.isTorn) await work.amend({ sendMine: true, cursor: 0 });
    this.#travels.begin();
    const { releaseKey } = await work.stored();
    this.#keepWords();
    void this.downloads.resume(() => releaseKey);
  }

  snapshot(): Snapshot {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #set(changes: Partial<Snapshot>): void {
    const isOtherLanguage = changes.language && (changes.language !== this.#snapshot.language || !this.#snapshot.ready);
    this.#snapshot = { ...this.#snapshot, ...changes };
    if (isOtherLanguage) this.#keepWords();
    for (const listener of this.#listeners) listener();
  }

  /** The words that she reads; once her work was exchanged, the tools and what they say too: a course may come on a card,
   * where no network is. */
  #keepWords(): void {
    const { language, lastExchange } = this.#snapshot;
    keepFiles(wordsFor(language), ...(lastExchange ? toolFiles(language) : []));
    if (lastExchange) keepSignatures();
  }

  /** Makes the snapshot anew, one after the other; calls that come before the next one begins share it. What was kept
   * is kept, whether or not it can be shown. */
  refresh(): Promise<void> {
    this.#asked ??= this.#reading = this.#reading.then(async () => {
      this.#asked = undefined;
      await this.#read().then((changes) => this.#set(changes), console.error);
    });
    return this.#asked;
  }

  async #read(): Promise<Partial<Snapshot>> {
    const work = this.#work;
    const profiles = (await this.database.getAll('profiles')).map(profileOf);
    const stored = await work?.stored();
    const estimate = await navigator.storage?.estimate?.();
    const subscription = await subscriptionOf(this.database);
    const chosen = (await this.database.get('settings', 'language')) as string | undefined;
    const lastExchange = stored && this.#travels.last(stored);
    const isLost = work ? work.isTorn : globalThis.localStorage?.getItem(JOINED_MARK);
    return {
      ready: true,
      profile: stored && profileOf(stored),
      profiles,
      language: stored?.language ?? chosen ?? browserLanguage(),
      courses: work ? await this.#cards(work) : [],
      waiting: (await work?.waiting()) ?? EMPTY.waiting,
      dropped: (await work?.dropped()) ?? 0,
      sending: this.#travels.isSending,
      lastExchange,
      storage: { usedBytes: estimate?.usage ?? 0, quotaBytes: estimate?.quota ?? 0, kept: (await navigator.storage?.persisted?.()) ?? false },
      dataBytes: await this.meter.thisMonth(),
      push: pushState(subscription),
      problem: isLost ? 'work_lost' : lasting(lastExchange?.problem),
    };
  }

  async #cards(work: Work): Promise<CourseCard[]> {
    const courses = await this.#courses(work);
    return Promise.all(courses.map((course) => cardOf(course, course.release, work, this.downloads, this.#sizes)));
  }

  async #courses(work: Work): Promise<Release[]> {
    const courses = await this.database.getAllFromIndex('courses', 'profile', work.profile);
    return courses.filter((course): course is Release => course.on && course.release !== undefined);
  }

  async #announced(course: string): Promise<Release> {
    const found = (await this.#courses(this.#opened())).find((one) => one.course === course);
    if (!found) throw new Problem('not_on_phone');
    return found;
  }

  /** Something was done that other tabs show too. */
  async #changed(): Promise<void> {
    this.#others.postMessage('changed');
    await this.refresh();
  }

  #opened(): Work {
    if (!this.#work) throw new Problem('not_known_here', 'nobody has joined');
    return this.#work;
  }

  // Who she is.

  async join(code: string): Promise<Profile> {
    const chosen = this.#work ? undefined : ((await this.database.get('settings', 'language')) as string | undefined);
    this.meter.count(2 * HEADERS_BYTES); // its bodies are about as long as its headers
    const profile = await join(this.database, this.device, code, chosen, this.#snapshot.language);
    void navigator.storage?.persist?.();
    await this.switchProfile(profile.number);
    await this.#begin(this.#opened());
    await this.exchange();
    this.#keepWords();
    return profileOf(profile);
  }

  async switchProfile(number: number): Promise<void> {
    const work = await Work.open(this.database, number);
    await keepSetting(this.database, 'profile', number);
    this.#work = work;
    await this.#changed();
  }

  /** Hers, on a shared phone; this phone's until somebody has joined. */
  async setLanguage(language: string): Promise<void> {
    await (this.#work ? this.#work.amend({ language }) : keepSetting(this.database, 'language', language));
    await this.#changed();
  }

  // Taking courses along.

  async course(id: string) {
    const work = this.#opened();
    const announced = await this.#announced(id);
    const card = await cardOf(announced, announced.release, work, this.downloads, this.#sizes);
    const attempts = await attemptsOf(this.database, await work.stored());
    return courseOf(card, await this.downloads.release(id), work, this.downloads, attempts);
  }

  async take(course: string): Promise<void> {
    const work = this.#opened();
    const { release } = await this.#announced(course);
    await this.#bring(work, release, await this.#keyOf(work, release));
  }

  /** Over the network, or from a source that costs no data. */
  async #bring(work: Work, release: ReleaseRecord, key: Bytes, source?: Source): Promise<void> {
    const { course } = release;
    const { chooseNow } = await bringing();
    await this.downloads.take(release, key, await chooseNow(this.database, source ? undefined : this.meter), source);
    if (this.downloads.holding(course)?.taken !== 'yes') return;
    await this.#kept(() => work.do(course, () => ({ event: { verb: DOWNLOADED, activity: course } })));
  }

  async takeCard(files: readonly File[], also: readonly string[]) {
    const work = this.#opened();
    return (await tool('card')).takeCard(files, also, {
      database: this.database,
      profile: work.profile,
      downloads: this.downloads,
      trusted: await work.stored(),
      trust: (keys) => work.amend(keys),
      bring: (release, key, card) => this.#bring(work, release, key, card),
    });
  }

  async choosing(course: string) {
    const { release } = await this.#announced(course);
    const offered = await this.downloads.offers(release, await this.#keyOf(this.#opened(), release));
    return (await bringing()).choosing(offered, this.database, this.meter, (bytes) => {
      this.#sizes.set(release.root, bytes);
      void this.refresh();
    });
  }

  /** The key that signed a release: the one that is trusted, or one that it leads to, which is trusted from then on. */
  async #keyOf(work: Work, release: Announced): Promise<Bytes> {
    const profile = await work.stored();
    if ((await keyId(profile.releaseKey)) === release.key) return profile.releaseKey;
    const { following } = await tool('card');
    const keys = await following(profile, release);
    await work.amend(keys);
    return keys.releaseKey;
  }

  pause(course: string): Promise<void> {
    return this.downloads.pause(course);
  }

  remove(course: string): Promise<void> {
    return this.downloads.remove(course);
  }

  // Content.

  page(course: string, activity: string, language: string) {
    return pageOf(this.downloads, course, activity, language);
  }

  async video(course: string, activity: string) {
    return videoOf(this.#opened(), this.downloads, course, activity);
  }

  resource(course: string, activity: string) {
    return resourceOf(this.downloads, course, activity);
  }

  async #quizzes(): Promise<Quizzes> {
    const { Quizzes } = await tool('quiz');
    return new Quizzes(this.#opened(), this.downloads);
  }

  async quiz(course: string, activity: string) {
    return (await this.#quizzes()).open(course, activity);
  }

  async check(course: string, activity: string, question: string, answer: Answer) {
    return (await this.#quizzes()).check(course, activity, question, answer);
  }

  async notes(course: string, activity: string) {
    return notesAt(this.#opened(), course, activity);
  }

  // What she does.

  /** On the disk, then on every tab. */
  async #kept(act: (work: Work) => Promise<void>): Promise<void> {
    await act(this.#opened());
    await this.#changed();
  }

  opened(course: string, activity: string): Promise<void> {
    return this.#kept(async (work) => {
      const isQuiz = await this.#isQuiz(course, activity);
      await work.do(course, async () => ({
        puts: reaches(work, course, activity, IN_PROGRESS, 'not_started'),
        event: { verb: OPENED, activity },
        ...(isQuiz ? { settings: await (await this.#quizzes()).satDown(course, activity) } : {}),
      }));
    });
  }

  completed(course: string, activity: string): Promise<void> {
    return this.#kept(async (work) => {
      const verb = (await this.#isQuiz(course, activity)) ? ATTEMPTED : READ;
      await work.do(course, () => ({ puts: reaches(work, course, activity, COMPLETED, 'not_started', 'in_progress'), event: { verb, activity } }));
    });
  }

  async #isQuiz(course: string, activity: string): Promise<boolean> {
    return activityIn(await this.downloads.release(course), activity)?.kind === 'quiz';
  }

  watched(course: string, activity: string, fromS: number, toS: number, positionS: number): Promise<void> {
    return this.#kept((work) => watched(work, course, activity, fromS, toS, positionS));
  }

  answer(course: string, activity: string, question: string, answer: Answer): Promise<void> {
    return this.#kept(async () => (await this.#quizzes()).answer(course, activity, question, answer));
  }

  async handIn(course: string, activity: string): Promise<void> {
    await this.#kept(async () => (await this.#quizzes()).handIn(course, activity));
    this.#travels.handedIn();
  }

  putNote(course: string, activity: string, text: string, id?: string): Promise<void> {
    return this.#kept((work) => putNote(work, course, activity, text, id));
  }

  removeNote(course: string, activity: string, id: string): Promise<void> {
    return this.#kept((work) => removeNote(work, course, activity, id));
  }

  bookmark(course: string, activity: string, positionS: number, on: boolean): Promise<void> {
    return this.#kept((work) => bookmark(work, course, activity, positionS, on));
  }

  // What travels.

  async #told(): Promise<Told> {
    return { status: statusOf(this.#snapshot), subscription: await subscriptionOf(this.database) };
  }

  exchange(): Promise<LastExchange> {
    return this.#travels.exchange();
  }

  /** A newer release's texts come along at once, which is how its size is known before it is asked for. */
  async #measureUpdates(work: Work): Promise<void> {
    for (const { course, release } of await this.#courses(work)) {
      const held = this.downloads.holding(course)?.held;
      if (!held || release.number <= held.number || this.#sizes.has(release.root)) continue;
      const bytes = await this.#keyOf(work, release).then((key) => this.downloads.missingBytes(release, key)).catch(() => undefined);
      if (bytes !== undefined) this.#sizes.set(release.root, bytes);
    }
  }

  async exchangeFile() {
    return (await tool('carry')).writeRequestFile(EXCHANGING, this.#opened(), this.device, await this.#told());
  }

  async takeReplies(file: Blob): Promise<number> {
    const taken = await (await tool('carry')).takeReplies(EXCHANGING, this.database, this.device, file);
    await this.#work?.refresh();
    await this.#changed();
    return taken;
  }

  async enablePush(): Promise<void> {
    const { pushKey } = await this.#opened().stored();
    await subscribe(this.database, pushKey);
    await this.refresh();
    await this.exchange();
  }

  applyAppUpdate(): Promise<void> {
    return applyUpdate();
  }
}
