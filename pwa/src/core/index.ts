/** The app below the screens: implements `Tiffin` by putting storage, rules, downloads and the exchange together. */

import { COMPLETED, IN_PROGRESS } from '../conflict/index.ts';
import { readManifest } from '../content/manifests.ts';
import { Downloads } from '../downloads/index.ts';
import { Problem, type CourseCard, type LastExchange, type Profile, type Snapshot, type Tiffin } from '../model.ts';
import { attach } from '../player/index.ts';
import { alone, openDatabase, write, type Database, type StoredCourse, type StoredDevice, type StoredProfile } from '../storage/database.ts';
import { attemptsOf } from './attempts.ts';
import { activityIn, cardOf, courseOf, stateOf } from './cards.ts';
import { openDevice } from './device.ts';
import { exchange, nextRequest, profilesOf, Refused, type Told } from './exchange.ts';
import { join } from './joining.ts';
import { bookmark, notesAt, placeIn, putNote, watched } from './notes.ts';
import { waitingOf } from './outbox.ts';
import { pushState, subscribe, subscriptionOf } from './push.ts';
import { Quizzes } from './quizzes.ts';
import { Turns } from './turns.ts';
import { nowSeconds, Work } from './work.ts';

declare const __APP_VERSION__: string;

const OPENED = 1, PLAYED = 2, READ = 3, ATTEMPTED = 4, DOWNLOADED = 5;
const LANGUAGES = ['en', 'ar'];

export async function createTiffin(): Promise<Tiffin> {
  const database = await openDatabase();
  const device = await openDevice(database);
  let app: App | undefined;
  const downloads = await Downloads.open({ onChange: () => void app?.refresh(), onBytes: (count) => void app?.countBytes(count) });
  app = new App(database, device, downloads);
  await app.start();
  return app;
}

/** The language that this browser asks for, among those that the app speaks. */
const browserLanguage = (): string => LANGUAGES.find((language) => navigator.language.startsWith(language)) ?? 'en';

const EMPTY: Snapshot = {
  ready: false,
  profile: undefined,
  profiles: [],
  language: 'en',
  courses: [],
  waiting: { immediate: 0, batched: 0, eventual: 0 },
  sending: false,
  lastExchange: undefined,
  storage: { usedBytes: 0, quotaBytes: 0, kept: false },
  dataBytes: 0,
  push: 'off',
  appUpdate: false,
};

class App implements Tiffin {
  readonly #listeners = new Set<() => void>();
  readonly #others = new BroadcastChannel('tiffin');
  readonly #sizes = new Map<string, number>();
  readonly #turns = new Turns(() => this.exchange());
  #snapshot: Snapshot = EMPTY;
  #work: Work | undefined;
  #sending = false;
  #refreshing: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly device: StoredDevice,
    private readonly downloads: Downloads,
  ) {}

  async start(): Promise<void> {
    const current = (await this.database.get('settings', 'profile')) as number | undefined;
    if (current !== undefined) this.#work = await Work.open(this.database, current);
    this.#others.onmessage = () => void this.#work?.reload().then(() => this.refresh());
    watchForUpdates(() => this.#set({ appUpdate: true }));
    await this.refresh();
    if (!this.#work) return;
    this.#turns.begin();
    void this.#turns.soon();
    const { releaseKey } = await this.#work.stored();
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
    this.#snapshot = { ...this.#snapshot, ...changes };
    for (const listener of this.#listeners) listener();
  }

  /** Makes the snapshot anew; calls that come meanwhile share the next round. */
  refresh(): Promise<void> {
    this.#refreshing ??= Promise.resolve().then(async () => {
      this.#refreshing = undefined;
      this.#set(await this.#read());
    });
    return this.#refreshing;
  }

  async #read(): Promise<Partial<Snapshot>> {
    const profiles = (await profilesOf(this.database)).map(profileOf);
    const stored = await this.#work?.stored();
    const estimate = await navigator.storage?.estimate?.();
    const subscription = await subscriptionOf(this.database);
    const chosen = (await this.database.get('settings', 'language')) as string | undefined;
    return {
      ready: true,
      profile: profiles.find(({ number }) => number === stored?.number),
      profiles,
      language: chosen ?? stored?.language ?? browserLanguage(),
      courses: this.#work && stored ? await this.#cards(this.#work) : [],
      waiting: stored ? await waitingOf(this.database, stored) : EMPTY.waiting,
      sending: this.#sending,
      lastExchange: stored?.lastExchange,
      storage: { usedBytes: estimate?.usage ?? 0, quotaBytes: estimate?.quota ?? 0, kept: (await navigator.storage?.persisted?.()) ?? false },
      dataBytes: ((await this.database.get('settings', monthKey())) as number | undefined) ?? 0,
      push: pushState(subscription),
    };
  }

  async #cards(work: Work): Promise<CourseCard[]> {
    const courses = await this.#courses(work);
    return Promise.all(courses.map((course) => cardOf(course, course.release, work, this.downloads, this.#sizes)));
  }

  async #courses(work: Work): Promise<(StoredCourse & Required<Pick<StoredCourse, 'release'>>)[]> {
    const courses = await this.database.getAllFromIndex('courses', 'profile', work.profile);
    return courses.filter((course): course is StoredCourse & Required<Pick<StoredCourse, 'release'>> => course.on && course.release !== undefined);
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

  async countBytes(count: number): Promise<void> {
    await alone('bytes', async () => {
      const before = ((await this.database.get('settings', monthKey())) as number | undefined) ?? 0;
      await this.database.put('settings', before + count, monthKey());
    });
  }

  // Who she is.

  async join(code: string): Promise<Profile> {
    const profile = await join(this.database, this.device, code, this.#snapshot.language);
    void navigator.storage?.persist?.();
    await this.switchProfile(profile.number);
    this.#turns.begin();
    await this.exchange();
    return profileOf(profile);
  }

  async switchProfile(number: number): Promise<void> {
    await this.database.put('settings', number, 'profile');
    this.#work = await Work.open(this.database, number);
    await this.#changed();
  }

  async setLanguage(language: string): Promise<void> {
    await this.database.put('settings', language, 'language');
    await this.#changed();
  }

  // Taking courses along.

  async course(id: string) {
    const work = this.#opened();
    const announced = (await this.#courses(work)).find(({ course }) => course === id);
    if (!announced) throw new Problem('not_on_phone');
    const card = await cardOf(announced, announced.release, work, this.downloads, this.#sizes);
    const attempts = await attemptsOf(this.database, await work.stored());
    return courseOf(card, await this.downloads.release(id), work, this.downloads, attempts);
  }

  async take(course: string): Promise<void> {
    const work = this.#opened();
    const announced = (await this.#courses(work)).find((one) => one.course === course);
    if (!announced) throw new Problem('not_on_phone');
    const { releaseKey } = await work.stored();
    await this.downloads.take(announced.release, releaseKey);
    if (this.downloads.holding(course)?.taken === 'yes') await this.#happened(course, DOWNLOADED, course, 0);
  }

  pause(course: string): Promise<void> {
    return this.downloads.pause(course);
  }

  remove(course: string): Promise<void> {
    return this.downloads.remove(course);
  }

  // Content.

  async #activity(course: string, id: string) {
    const activity = activityIn(await this.downloads.release(course), id);
    if (!activity) throw new Problem('not_on_phone');
    return activity;
  }

  async page(course: string, id: string, language: string) {
    const activity = await this.#activity(course, id);
    if (activity.kind !== 'page') throw new Problem('not_on_phone');
    const found = activity.pages[language] ? language : Object.keys(activity.pages)[0] ?? language;
    const page = activity.pages[found];
    if (!page) throw new Problem('not_on_phone');
    return { html: new TextDecoder().decode(await this.downloads.object(page.object)), language: found };
  }

  async video(course: string, id: string) {
    const activity = await this.#activity(course, id);
    if (activity.kind !== 'video') throw new Problem('not_on_phone');
    const stream = readManifest(await this.downloads.object(activity.stream.object), 'tiffin-stream-1');
    return {
      durationMs: activity.duration_ms,
      poster: activity.poster && `/v1/objects/${activity.poster.object}.webp`,
      captions: activity.captions.map(({ language, object }) => ({ language, url: `/v1/objects/${object}.vtt` })),
      place: placeIn(this.#opened(), course, id),
      attach: (element: HTMLVideoElement) => attach(element, stream, this.downloads.store),
    };
  }

  async resource(course: string, id: string) {
    const activity = await this.#activity(course, id);
    if (activity.kind !== 'resource') throw new Problem('not_on_phone');
    const extension = /\.([a-z0-9]+)$/.exec(activity.name.toLowerCase())?.[1] ?? 'bin';
    return { url: `/v1/objects/${activity.object}.${extension}`, name: activity.name, type: activity.type };
  }

  quiz(course: string, activity: string) {
    return new Quizzes(this.#opened(), this.downloads).open(course, activity);
  }

  // What she does.

  async opened(course: string, activity: string): Promise<void> {
    await this.#reach(course, activity, IN_PROGRESS);
    await this.#happened(course, OPENED, activity, 0);
  }

  async completed(course: string, activity: string): Promise<void> {
    await this.#reach(course, activity, COMPLETED);
    const { kind } = await this.#activity(course, activity);
    await this.#happened(course, kind === 'quiz' ? ATTEMPTED : READ, activity, 0);
  }

  /** Never goes back. */
  async #reach(course: string, activity: string, state: number): Promise<void> {
    const work = this.#opened();
    const before = { not_started: 0, in_progress: IN_PROGRESS, completed: COMPLETED }[stateOf(work, course, activity)];
    if (state <= before) return;
    await work.put(course, `s/${activity}`, state);
    await this.#changed();
  }

  async #happened(course: string, verb: number, activity: string, seconds: number): Promise<void> {
    const { profile } = this.#opened();
    await write(this.database, ['profiles', 'events'], async (change) => {
      const stored = (await change.objectStore('profiles').get(profile))!;
      const started = nowSeconds() - seconds;
      await change.objectStore('events').add({ profile, sequence: stored.eventsNext, course, verb, activity, started, seconds });
      await change.objectStore('profiles').put({ ...stored, eventsNext: stored.eventsNext + 1 });
    });
    await this.#changed();
  }

  async watched(course: string, activity: string, fromS: number, toS: number, positionS: number): Promise<void> {
    await watched(this.#opened(), course, activity, fromS, toS, positionS);
    await this.#happened(course, PLAYED, activity, Math.max(0, Math.round(toS - fromS)));
  }

  async answer(course: string, activity: string, question: string, answer: string | readonly string[]): Promise<void> {
    await new Quizzes(this.#opened(), this.downloads).answer(course, activity, question, answer);
    await this.#changed();
  }

  check(course: string, activity: string, question: string, answer: string | readonly string[]) {
    return new Quizzes(this.#opened(), this.downloads).check(course, activity, question, answer);
  }

  async handIn(course: string, activity: string): Promise<void> {
    await new Quizzes(this.#opened(), this.downloads).handIn(course, activity);
    await this.#reach(course, activity, COMPLETED);
    await this.#happened(course, ATTEMPTED, activity, 0);
    void this.#turns.soon();
  }

  async notes(course: string, activity: string) {
    return notesAt(this.#opened(), course, activity);
  }

  async putNote(course: string, activity: string, text: string, id?: string): Promise<void> {
    await putNote(this.#opened(), course, activity, text, id);
    await this.#changed();
  }

  async removeNote(course: string, activity: string, id: string): Promise<void> {
    await this.#opened().remove(course, `n/${activity}/${id}`);
    await this.#changed();
  }

  async bookmark(course: string, activity: string, positionS: number, on: boolean): Promise<void> {
    await bookmark(this.#opened(), course, activity, positionS, on);
    await this.#changed();
  }

  // What travels.

  async #told(): Promise<Told> {
    const { language, storage } = this.#snapshot;
    const held = this.#snapshot.courses.filter(({ taken }) => taken === 'yes').map(({ id, release }) => [id, release]);
    // Whole megabytes: what changes with every page would cost bytes in every exchange.
    const megabytes = (bytes: number) => Math.round(bytes / 1e6) * 1e6;
    const status = { app: __APP_VERSION__, releases: Object.fromEntries(held), stored: megabytes(storage.usedBytes), quota: megabytes(storage.quotaBytes), language };
    return { status: JSON.stringify(status), subscription: await subscriptionOf(this.database) };
  }

  async exchange(): Promise<LastExchange> {
    const work = this.#opened();
    this.#sending = true;
    this.#set({ sending: true });
    let last: LastExchange = { at: Date.now(), ok: false, bytesUp: 0, bytesDown: 0 };
    try {
      const { bytesUp, bytesDown, wait } = await exchange(work, this.device, await this.#told());
      last = { at: Date.now(), ok: true, bytesUp, bytesDown };
      this.#turns.succeeded(wait);
      await this.countBytes(bytesUp + bytesDown);
      await this.#measureUpdates(work);
    } catch (error) {
      const problem = error instanceof Problem ? error.code : 'unknown';
      if (problem === 'unknown') console.error(error);
      if (!last.ok) last = { ...last, problem };
      this.#turns.failed(error instanceof Refused ? error.waitSeconds : 0);
    }
    await write(this.database, ['profiles'], async (change) => {
      const stored = (await change.objectStore('profiles').get(work.profile))!;
      await change.objectStore('profiles').put({ ...stored, lastExchange: last });
    }).catch(() => undefined);
    this.#sending = false;
    await this.#changed();
    return last;
  }

  /** A newer release's texts come along at once, which is how its size is known before it is asked for. */
  async #measureUpdates(work: Work): Promise<void> {
    const { releaseKey } = await work.stored();
    for (const { course, release } of await this.#courses(work)) {
      const held = this.downloads.holding(course)?.held;
      if (!held || release.number <= held.number || this.#sizes.has(release.root)) continue;
      const bytes = await this.downloads.missingBytes(release, releaseKey).catch(() => undefined);
      if (bytes !== undefined) this.#sizes.set(release.root, bytes);
    }
  }

  async exchangeFile(): Promise<Blob> {
    const { request } = await nextRequest(this.#opened(), this.device, await this.#told());
    return new Blob([request], { type: 'application/octet-stream' });
  }

  async enablePush(): Promise<void> {
    const { pushKey } = await this.#opened().stored();
    await subscribe(this.database, pushKey);
    await this.refresh();
    await this.exchange();
  }

  async applyAppUpdate(): Promise<void> {
    const registration = await navigator.serviceWorker?.getRegistration();
    registration?.waiting?.postMessage('take-over');
  }
}

const profileOf = ({ number, learner, organisation, language }: StoredProfile): Profile => ({ number, learner, organisation, language });

const monthKey = (): string => `bytes/${new Date().toISOString().slice(0, 7)}`;

/** Registers the worker; says when a new revision waits, and loads the page again when it took over. */
function watchForUpdates(onUpdate: () => void): void {
  if (!('serviceWorker' in navigator)) return;
  const had = navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener('controllerchange', () => had && location.reload());
  void navigator.serviceWorker.register('/sw.js').then((registration) => {
    const look = () => registration.waiting && navigator.serviceWorker.controller && onUpdate();
    look();
    registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
  }, () => undefined);
}
