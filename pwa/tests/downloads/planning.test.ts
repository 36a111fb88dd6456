import { describe, expect, test } from 'vitest';
import { planOf, type Offer, type Option, type Plan, type Room } from '../../src/downloads/planning.ts';

const KB = 1_000;
const lots: Room = { dataBytes: Infinity, freeBytes: Infinity, isSaving: false };

const one = (bytes: number, missingBytes = bytes): [Option] => [{ bytes, missingBytes }];
const picture = (name: string, bytes: number, more: Partial<Option> = {}): Option => ({ picture: name, bytes, missingBytes: bytes, ...more });
const film = (): [Option, ...Option[]] => [picture('240p', 100 * KB), picture('360p', 200 * KB), picture('480p', 400 * KB)];
const talk = (): [Option, ...Option[]] => [picture('240p', 100 * KB), picture('slidecast', 300 * KB, { isSlides: true }), picture('480p', 400 * KB)];

const course: readonly Offer[] = [
  { activity: 'lecture', tier: 'important', options: film() },
  { activity: 'page', tier: 'essential', options: one(10 * KB) },
  { activity: 'slides', tier: 'essential', options: talk() },
  { activity: 'sheet', tier: 'important', options: one(50 * KB) },
  { activity: 'book', tier: 'supplementary', options: one(900 * KB) },
];

const said = (plan: Plan) => Object.fromEntries(plan.activities.map(({ activity, when, reason, picture }) => [activity, [when, reason, picture].filter(Boolean).join(' ')]));
const room = (changes: Partial<Room>): Room => ({ ...lots, ...changes });

describe('a plan', () => {
  test.each([
    ['takes the smallest of everything, and leaves the extra online', 'small', lots,
      { lecture: 'now fits 240p', page: 'now essential', slides: 'now essential 240p', sheet: 'now fits', book: 'online online' }],
    ['takes the middle picture of a film, and the slidecast of slides', 'normal', lots,
      { lecture: 'now better 360p', page: 'now essential', slides: 'now slides slidecast', sheet: 'now fits', book: 'online online' }],
    ['takes the largest of a film, and of slides still the slidecast', 'best', lots,
      { lecture: 'now better 480p', page: 'now essential', slides: 'now slides slidecast', sheet: 'now fits', book: 'online online' }],
    ['spends data on what is essential first, wherever it stands', 'best', room({ dataBytes: 115 * KB }),
      { lecture: 'later over_data', page: 'now essential', slides: 'now smaller_data 240p', sheet: 'later over_data', book: 'online online' }],
    ['fills with what still fits', 'small', room({ dataBytes: 165 * KB }),
      { lecture: 'later over_data', page: 'now essential', slides: 'now essential 240p', sheet: 'now fits', book: 'online online' }],
    ['takes everything small before anything better', 'normal', room({ dataBytes: 260 * KB }),
      { lecture: 'now smaller_data 240p', page: 'now essential', slides: 'now smaller_data 240p', sheet: 'now fits', book: 'online online' }],
    ['makes better what is essential first', 'normal', room({ dataBytes: 470 * KB }),
      { lecture: 'now smaller_data 240p', page: 'now essential', slides: 'now slides slidecast', sheet: 'now fits', book: 'online online' }],
    ['takes the best below what was asked for', 'best', room({ dataBytes: 570 * KB }),
      { lecture: 'now smaller_data 360p', page: 'now essential', slides: 'now slides slidecast', sheet: 'now fits', book: 'online online' }],
    ['says that it is the phone where that is full', 'small', room({ freeBytes: 20 * KB }),
      { lecture: 'later over_room', page: 'now essential', slides: 'later over_room', sheet: 'later over_room', book: 'online online' }],
    ['stays small while phone or learner save', 'best', room({ isSaving: true }),
      { lecture: 'now smaller_saving 240p', page: 'now essential', slides: 'now smaller_saving 240p', sheet: 'now fits', book: 'online online' }],
    ['takes nothing without any data', 'normal', room({ dataBytes: 0 }),
      { lecture: 'later over_data', page: 'later over_data', slides: 'later over_data', sheet: 'later over_data', book: 'online online' }],
  ] as const)('%s', (_, quality, has, expected) => {
    expect(said(planOf(course, quality, has))).toEqual(expected);
  });

  test('what stays online takes nothing from what is made better', () => {
    const offers: Offer[] = [
      { activity: 'book', tier: 'supplementary', options: one(200 * KB) },
      { activity: 'lecture', tier: 'important', options: film() },
    ];
    expect(said(planOf(offers, 'best', room({ dataBytes: 400 * KB })))).toEqual({ book: 'online online', lecture: 'now better 480p' });
  });

  test('of what is on the phone already costs nothing, and keeps the better picture that is here', () => {
    const offers: Offer[] = [
      { activity: 'page', tier: 'essential', options: one(10 * KB, 0) },
      { activity: 'lecture', tier: 'important', options: [picture('240p', 100 * KB), picture('360p', 200 * KB, { missingBytes: 0 }), picture('480p', 400 * KB)] },
    ];
    const plan = planOf(offers, 'small', room({ dataBytes: 0 }));
    expect(said(plan)).toEqual({ page: 'now kept', lecture: 'now kept 360p' });
    expect(plan.missingBytes).toBe(0);
  });

  test('never costs more than there is, and says to the byte what it costs', () => {
    for (let kilobytes = 0; kilobytes < 1_200; kilobytes += 37) {
      for (const quality of ['small', 'normal', 'best'] as const) {
        const plan = planOf(course, quality, room({ dataBytes: kilobytes * KB, freeBytes: 700 * KB }));
        const now = plan.activities.filter(({ when }) => when === 'now');
        expect(plan.missingBytes).toBe(now.reduce((sum, { missingBytes }) => sum + missingBytes, 0));
        expect(plan.missingBytes).toBeLessThanOrEqual(Math.min(kilobytes, 700) * KB);
      }
    }
  });
});
