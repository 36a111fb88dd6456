/** What of a course is taken along now, what later, and what stays online; and why, each in a word that the screen says
 * in a sentence.
 *
 * First everything essential, then everything important, each in what costs least; what is over for the better pictures
 * that she asked for, in the same order. What is on the phone already costs nothing. Pure: the same offers, wish and
 * room give the same plan. */

import type { ContentTier, Planned, Quality, Reason } from '../model.ts';

/** What there is: bytes of data and of room on the phone, and whether phone or learner save data or battery. */
export interface Room {
  readonly dataBytes: number;
  readonly freeBytes: number;
  readonly isSaving: boolean;
}

/** One way to take an activity along: a video has one for each picture that this phone plays, `picture` being its name. */
export interface Option {
  readonly picture?: string;
  readonly isSlides?: boolean;
  readonly bytes: number;
  readonly missingBytes: number;
}

/** An activity, with its options in ascending order of bytes; at least one. */
export interface Offer {
  readonly activity: string;
  readonly tier: ContentTier;
  readonly options: readonly [Option, ...Option[]];
}

/** In the order of the offers. */
export interface Plan {
  readonly activities: readonly Planned[];
  readonly missingBytes: number;
}

const TIERS = ['essential', 'important'] as const;

export function planOf(offers: readonly Offer[], quality: Quality, room: Room): Plan {
  const filling = new Filling(room);
  const wanted = TIERS.flatMap((tier) => offers.filter((offer) => offer.tier === tier));
  for (const offer of wanted) filling.take(offer);
  if (quality !== 'small') for (const offer of wanted) filling.improve(offer, quality);
  return filling.plan(offers);
}

class Filling {
  readonly #taken = new Map<string, { readonly option: Option; readonly reason: Reason }>();
  #left: number;

  constructor(private readonly room: Room) {
    this.#left = Math.min(room.dataBytes, room.freeBytes);
  }

  /** In what costs least, if that still fits. */
  take({ activity, tier, options }: Offer): void {
    const option = options.reduce((least, one) => (one.missingBytes < least.missingBytes ? one : least));
    if (option.missingBytes > this.#left) return;
    const reason = option.missingBytes ? (tier === 'essential' ? 'essential' : 'fits') : 'kept';
    this.#spend(option.missingBytes);
    this.#taken.set(activity, { option, reason });
  }

  /** In the picture that she asked for, or in the best below it that fits. */
  improve({ activity, options }: Offer, quality: Exclude<Quality, 'small'>): void {
    const taken = this.#taken.get(activity);
    const target = targetOf(options, quality);
    if (!taken || taken.option.bytes >= target.bytes) return;
    const costOf = (option: Option) => option.missingBytes - taken.option.missingBytes;
    const betters = options.filter(({ bytes }) => bytes > taken.option.bytes && bytes <= target.bytes);
    const option = this.room.isSaving ? undefined : betters.reverse().find((one) => costOf(one) <= this.#left);
    if (option) this.#spend(costOf(option));
    const reason = option === target ? (target.isSlides ? 'slides' : 'better') : this.room.isSaving ? 'smaller_saving' : this.#isData() ? 'smaller_data' : 'smaller_room';
    this.#taken.set(activity, { option: option ?? taken.option, reason });
  }

  #spend(bytes: number): void {
    this.#left -= bytes;
  }

  /** Whether it is data that runs out first, not room. */
  #isData(): boolean {
    return this.room.dataBytes <= this.room.freeBytes;
  }

  plan(offers: readonly Offer[]): Plan {
    const activities = offers.map((offer) => this.#planned(offer));
    const now = activities.filter(({ when }) => when === 'now');
    return { activities, missingBytes: now.reduce((sum, { missingBytes }) => sum + missingBytes, 0) };
  }

  #planned({ activity, tier, options: [least] }: Offer): Planned {
    const { bytes, missingBytes } = least;
    if (tier === 'supplementary') return { activity, when: 'online', reason: 'online', bytes, missingBytes };
    const taken = this.#taken.get(activity);
    if (!taken) return { activity, when: 'later', reason: this.#isData() ? 'over_data' : 'over_room', bytes, missingBytes };
    return { activity, when: 'now', reason: taken.reason, ...taken.option };
  }
}

/** Of slides the slidecast, whose writing can be read; else the middle one, or the largest. */
function targetOf(options: readonly [Option, ...Option[]], quality: Exclude<Quality, 'small'>): Option {
  const slides = options.find(({ isSlides }) => isSlides);
  return slides ?? options[quality === 'best' ? options.length - 1 : options.length >> 1]!;
}
