/** The other end of the exchange, as docs/protocol.md has it: checks each request's signature, keeps a log, admits,
 * answers. It can lose a request or a reply, refuse, and be set back to what it was earlier. */

import { createHash, createPublicKey, verify } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { changeHash, decode, Document, join, Reader, sized, toHex, uleb, utf8, type Change } from '../../src/codec/index.ts';
import { fold } from '../../src/conflict/index.ts';
import { writeChange } from '../../src/wire/index.ts';

interface Entry {
  readonly learner: string;
  readonly author: string;
  readonly kind: number;
  readonly content: Uint8Array;
}

export interface Attempt {
  readonly course: string;
  readonly activity: string;
  readonly number: number;
  readonly answers: Readonly<Record<string, unknown>>;
  readonly anchor: readonly [number, number];
}

interface Row {
  readonly verb: number;
  readonly activity: string;
  readonly seconds: number;
}

/** What may become of one exchange. */
type Fate = 'arrives' | 'never arrives' | 'reply is lost' | { readonly status: number; readonly code: string; readonly retryAfter?: number };

export class School {
  readonly epoch: Uint8Array = Uint8Array.from(utf8('epoch--1'));
  readonly requests: { readonly profile: number; readonly sendMine: boolean; readonly cursor: number; readonly kinds: number[]; readonly bytes: number; readonly body: Uint8Array }[] = [];
  fates: Fate[] = [];
  /** By join code. */
  learners: Record<string, string> = { AMINA: 'Amina', BADR: 'Badr' };
  wait = 0;
  replyBytesMax = Infinity;
  /** Kinds that are put off. */
  shed: readonly number[] = [];
  devices = new Map<string, { key: Uint8Array; profiles: string[] }>();
  log: Entry[] = [];
  hashes = new Set<string>();
  chains = new Map<string, { hash: string; attempt: Attempt }[]>();
  events = new Map<string, Row[]>();
  told: Record<string, unknown>[] = [];
  /** What has come of each photograph, by its SHA-256. */
  pictures = new Map<string, Uint8Array>();
  pieces: number[] = [];
  gradesAre: 'graded' | 'review' = 'graded';
  onRequest: () => Promise<unknown> = async () => undefined;

  readonly fetch = async (path: string, options: Pick<RequestInit, 'body'>): Promise<Response> => {
    if (path === '/v1/join') return this.#join(JSON.parse(String(options.body)) as { code: string; public_key: string });
    const fate = this.fates.shift() ?? 'arrives';
    if (fate === 'never arrives') throw new TypeError('Failed to fetch');
    if (typeof fate === 'object') return problem(fate.status, fate.code, fate.retryAfter);
    await this.onRequest();
    const reply = path === '/v1/pictures' ? this.#picture(options.body as Uint8Array) : await this.#exchange(options.body as Uint8Array);
    if (fate === 'reply is lost') throw new TypeError('Failed to fetch');
    return reply;
  };

  /** Takes a piece of what an attempt names, where the last one ended. */
  #picture(body: Uint8Array): Response {
    const reader = new Reader(body, 65);
    const id = toHex(reader.take(16)), profile = reader.uleb(), digest = toHex(reader.take(32)), length = reader.uleb();
    const device = this.devices.get(id)!;
    if (!isKeyOf(device.key, body.slice(1, 65), Buffer.concat([Buffer.from('tiffin-picture-1\n'), body.slice(65, reader.at)]))) return problem(401, 'bad_signature');
    const at = reader.uleb(), before = this.pictures.get(digest) ?? new Uint8Array();
    if (!this.attempts(device.profiles[profile - 1]!).some(({ answers }) => Object.values(answers).includes(digest))) return problem(404, 'not_found');
    this.pieces.push(reader.left);
    const goesOn = at <= before.length && before.length < at + reader.left;
    const now = goesOn ? join([before, reader.take(reader.left).subarray(before.length - at)]) : before;
    this.pictures.set(digest, now);
    const isWhole = now.length === length && createHash('sha256').update(now).digest('hex') === digest;
    return Response.json({ held: now.length, state: isWhole ? 'kept' : 'coming' });
  }

  #join({ code, public_key }: { code: string; public_key: string }): Response {
    const learner = this.learners[code];
    if (!learner) return problem(404, 'code_unknown');
    const key = Buffer.from(public_key, 'base64url');
    const id = createHash('sha256').update(key).digest('hex').slice(0, 32);
    const device = this.devices.get(id) ?? { key, profiles: [] as string[] };
    this.devices.set(id, device);
    if (!device.profiles.includes(learner)) device.profiles.push(learner);
    const joined = {
      device: id,
      profile: device.profiles.indexOf(learner) + 1,
      learner: { id: `id-${learner}`, name: learner, language: learner === 'Badr' ? 'ar' : 'en' },
      organisation: { id: 'o', name: 'School', release_key: Buffer.alloc(32, 7).toString('base64url'), release_key_id: 'k' },
      push_key: 'BA',
      epoch: toHex(this.epoch),
      server_time: Date.now(),
    };
    return Response.json(joined, { status: 201 });
  }

  async #exchange(body: Uint8Array): Promise<Response> {
    const payload = new Uint8Array(body[1] ? inflateRawSync(body.subarray(66)) : body.subarray(66));
    const reader = new Reader(payload);
    const id = toHex(reader.take(16));
    const profile = reader.uleb(), flags = reader.uleb(), epoch = toHex(reader.take(8)), cursor = reader.uleb();
    for (const _ of ['sent at', 'immediate', 'batched', 'eventual']) reader.uleb();
    const header = payload.slice(0, reader.at);
    const frames: { kind: number; content: Uint8Array }[] = [];
    while (reader.left) frames.push({ kind: reader.uleb(), content: reader.take(reader.uleb()).slice() });
    const device = this.devices.get(id);
    if (!device) return problem(401, 'device_unknown');
    if (!isSigned(device.key, body.slice(2, 66), header, frames)) return problem(401, 'bad_signature');
    const learner = device.profiles[profile - 1];
    if (!learner) return problem(401, 'device_unknown');
    this.requests.push({ profile, sendMine: flags === 1, cursor, kinds: frames.map(({ kind }) => kind), bytes: body.length, body: body.slice() });
    const author = `${id}/${profile}`;
    const verdicts: [index: number, verdict: number, reason: string][] = [];
    for (const [index, frame] of frames.entries()) {
      const verdict = this.shed.includes(frame.kind) ? ([4, 'busy'] as const) : await this.#admit(learner, author, frame);
      if (verdict) verdicts.push([index, ...verdict]);
    }
    const carried = new Set(flags === 1 ? [] : frames.map(nameOf));
    return this.#reply(learner, carried, epoch === toHex(this.epoch) ? cursor : 0, verdicts);
  }

  async #admit(learner: string, author: string, { kind, content }: { kind: number; content: Uint8Array }): Promise<readonly [number, string] | undefined> {
    if (kind === 1) return this.#admitRecords(learner, author, content);
    if (kind === 4) return void this.#admitEvents(author, content);
    if (kind > 4) return void this.told.push(JSON.parse(new TextDecoder().decode(content)) as Record<string, unknown>);
    const [course, body] = split(content);
    const change = decode(body);
    const hash = await changeHash(body);
    if (this.hashes.has(hash)) return undefined;
    if (this.#isTaken(learner, kind, course, change)) return [3, 'actor_forked'];
    if (!change.deps.every((dep) => this.hashes.has(dep))) return [1, 'missing_dependencies'];
    this.hashes.add(hash);
    this.log.push({ learner, author, kind, content });
    return undefined;
  }

  /** Another change stands in this one's place of its actor's sequence. */
  #isTaken(learner: string, kind: number, course: string, { actor, seq }: Change): boolean {
    const others = this.log.filter((entry) => entry.learner === learner && entry.kind === kind).map(({ content }) => split(content));
    return others.some(([name, body]) => name === course && decode(body).actor === actor && decode(body).seq === seq);
  }

  /** What another device of a learner's brought. */
  async hears(learner: string, kind: number, content: Uint8Array): Promise<void> {
    this.log.push({ learner, author: 'another phone', kind, content });
    this.hashes.add(await changeHash(split(content)[1]));
  }

  /** It loses all that it holds from some place in its log on, and does not know it. */
  async forget(from: number): Promise<void> {
    for (const { content } of this.log.splice(from)) this.hashes.delete(await changeHash(split(content)[1]));
  }

  #admitRecords(learner: string, author: string, content: Uint8Array): readonly [number, string] | undefined {
    const reader = new Reader(content);
    const start = reader.uleb();
    let previous = start ? Buffer.from(reader.take(32)) : Buffer.alloc(32);
    const chain = this.chains.get(author) ?? [];
    this.chains.set(author, chain);
    for (let place = start; reader.left; place++) {
      const record = reader.take(reader.uleb());
      if (place > chain.length || (place && chain[place - 1]!.hash !== previous.toString('hex'))) return [3, 'chain_broken'];
      previous = createHash('sha256').update('tiffin-submission-1\n').update(previous).update(record).digest();
      if (chain[place]) continue;
      const attempt = JSON.parse(Buffer.from(record).toString()) as Attempt;
      chain.push({ hash: previous.toString('hex'), attempt });
      const grade = {
        submission: previous.toString('hex').slice(0, 16), course: attempt.course, activity: attempt.activity, release: 1, number: attempt.number,
        state: this.gradesAre, score: 1000, max: 1000, passed: true, counts: true, points: [1000], feedback: {}, ended: 0,
      };
      this.announce(learner, 16, grade);
    }
    return undefined;
  }

  #admitEvents(author: string, content: Uint8Array): void {
    const { first, activities, rows } = JSON.parse(new TextDecoder().decode(content)) as { first: number; activities: string[]; rows: number[][] };
    const all = this.events.get(author) ?? [];
    this.events.set(author, all);
    rows.forEach(([verb, activity, , seconds], at) => (all[first + at] ??= { verb: verb!, activity: activities[activity!]!, seconds: seconds! }));
  }

  announce(learner: string, kind: number, content: object): void {
    this.log.push({ learner, author: '', kind, content: Uint8Array.from(utf8(JSON.stringify(content))) });
  }

  #reply(learner: string, carried: ReadonlySet<string>, cursor: number, verdicts: readonly [number, number, string][]): Response {
    let bytes = 0;
    let at = cursor;
    const frames: number[][] = [];
    for (; at < this.log.length && bytes < this.replyBytesMax; at++) {
      const entry = this.log[at]!;
      if (entry.learner !== learner || carried.has(nameOf(entry))) continue;
      frames.push([...uleb(entry.kind), ...sized(entry.content)]);
      bytes += entry.content.length;
    }
    const said = verdicts.map(([index, verdict, reason]) => join([uleb(index), [verdict], sized(join([utf8(reason)]))]));
    const head = [this.epoch, uleb(at), uleb(Date.now()), uleb(this.wait), uleb(at < this.log.length ? 1 : 0), uleb(verdicts.length)];
    return new Response(join([[1, 0], ...head, ...said, ...frames]));
  }

  /** The server was restored from a backup that a snapshot stands for. */
  copy(): Pick<School, 'log' | 'hashes' | 'chains' | 'devices'> {
    const devices = new Map([...this.devices].map(([id, { key, profiles }]) => [id, { key, profiles: [...profiles] }]));
    const chains = new Map([...this.chains].map(([author, chain]) => [author, [...chain]]));
    return { log: [...this.log], hashes: new Set(this.hashes), chains, devices };
  }

  restore(backup: ReturnType<School['copy']>): void {
    Object.assign(this, backup, { epoch: Uint8Array.from(utf8('epoch--2')) });
  }

  /** What all of a learner's changes amount to at a key. */
  async read(learner: string, key: string): Promise<unknown> {
    const document = new Document('00');
    const kind = key.startsWith('s/') ? 2 : 3;
    for (const entry of this.log) if (entry.learner === learner && entry.kind === kind) await document.apply(split(entry.content)[1]);
    return fold(key, document.survivors(key)).value;
  }

  attempts(learner: string): Attempt[] {
    return [...this.chains].filter(([author]) => this.#learnerOf(author) === learner).flatMap(([, chain]) => chain.map(({ attempt }) => attempt));
  }

  rows(learner: string): Row[] {
    return [...this.events].filter(([author]) => this.#learnerOf(author) === learner).flatMap(([, rows]) => rows);
  }

  #learnerOf(author: string): string | undefined {
    const [id, profile] = author.split('/');
    return this.devices.get(id!)?.profiles[Number(profile) - 1];
  }
}

/** A frame of a document, written on another device of the learner. */
export async function changeOf(actor: string, course: string, puts: readonly (readonly [string, string | number | boolean | Uint8Array])[]): Promise<Uint8Array> {
  const document = new Document(actor);
  for (const [key, value] of puts) document.put(key, value);
  return writeChange(course, (await document.commit(1))!);
}

function split(content: Uint8Array): [string, Uint8Array] {
  const reader = new Reader(content);
  const course = new TextDecoder().decode(reader.take(reader.uleb()));
  return [course, content.slice(reader.at)];
}

function problem(status: number, code: string, retryAfter?: number): Response {
  const headers: Record<string, string> = retryAfter ? { 'retry-after': String(retryAfter) } : {};
  return Response.json({ type: 'about:blank', status, code, detail: code }, { status, headers });
}

function isSigned(key: Uint8Array, signature: Uint8Array, header: Uint8Array, frames: readonly { kind: number; content: Uint8Array }[]): boolean {
  const sha256 = (raw: Uint8Array) => createHash('sha256').update(raw).digest();
  const items = frames.flatMap(({ kind, content }) => [Uint8Array.of(kind), kind === 1 ? headOf(content) : sha256(content)]);
  return isKeyOf(key, signature, Buffer.concat([Buffer.from('tiffin-exchange-1\n'), sha256(header), ...items]));
}

function isKeyOf(key: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  const point = { kty: 'EC', crv: 'P-256', x: Buffer.from(key.slice(1, 33)).toString('base64url'), y: Buffer.from(key.slice(33)).toString('base64url') };
  return verify('sha256', message, { key: createPublicKey({ key: point, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, signature);
}

/** The last hash of a chain's frame. */
function headOf(content: Uint8Array): Buffer {
  const reader = new Reader(content);
  let head = reader.uleb() ? Buffer.from(reader.take(32)) : Buffer.alloc(32);
  while (reader.left) head = createHash('sha256').update('tiffin-submission-1\n').update(head).update(reader.take(reader.uleb())).digest();
  return head;
}

/** What was sent, so that it is not sent back. */
const nameOf = ({ kind, content }: { kind: number; content: Uint8Array }): string => `${kind} ${toHex(content)}`;
