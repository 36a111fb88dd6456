/** The learner's wish and what there is, turned into room for a plan: what is left of her data, of the phone, of its
 * battery. The wish is the phone's, as its data is: it holds for every course until she says otherwise. */

import type { Choosing, Wish } from '../model.ts';
import { keepSetting, type Database } from '../storage/database.ts';
import type { Choose, Offered } from './index.ts';
import { chosenOf } from './offers.ts';
import { planOf, type Room } from './planning.ts';

const WISH = 'wish';
const FIRST_WISH: Wish = { quality: 'small', per: 'download' };
const WORK_BYTES = 8 << 20; // of the phone's room, for her own work: years of it
const BATTERY_LOW = 0.2;

interface Battery {
  readonly charging: boolean;
  readonly level: number;
}

/** What browsers tell of the network and the battery; most tell less. */
interface Telling {
  readonly connection?: { readonly saveData?: boolean };
  getBattery?(): Promise<Battery>;
}

/** What was spent of this month's data. */
interface Spent {
  thisMonth(): Promise<number>;
}

/** For taking a course along now; without `spent` from where it costs no data. */
export async function chooseNow(database: Database, spent: Spent | undefined): Promise<Choose> {
  const wish = await wishOf(database);
  const room = spent ? await roomFor(wish, await spent.thisMonth()) : { ...(await roomFor(wish, 0)), dataBytes: Infinity, isSaving: false };
  return (offers) => chosenOf(planOf(offers, wish.quality, room));
}

/** For the screen that lets her choose; `onCost` is told what her wish would fetch. */
export async function choosing({ release, offers }: Offered, database: Database, spent: Spent, onCost: (bytes: number) => void): Promise<Choosing> {
  const titles = new Map(release.lessons.flatMap(({ activities }) => activities).map(({ id, title }) => [id, title]));
  const plan = async (wish: Wish) => {
    const room = await roomFor(wish, await spent.thisMonth());
    const { activities, missingBytes } = planOf(offers, wish.quality, room);
    return { activities: activities.map((one) => ({ ...one, title: titles.get(one.activity)! })), missingBytes, isSaving: room.isSaving };
  };
  const cost = async (wish: Wish) => onCost((await plan(wish)).missingBytes);
  const wish = await wishOf(database);
  await cost(wish);
  return { wish, plan, keep: (changed) => keepSetting(database, WISH, changed).then(() => cost(changed)) };
}

const wishOf = async (database: Database): Promise<Wish> => ((await database.get('settings', WISH)) as Wish | undefined) ?? FIRST_WISH;

async function roomFor({ bytesMax = Infinity, per }: Wish, spentThisMonth: number): Promise<Room> {
  const { quota = Infinity, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  return {
    dataBytes: Math.max(0, per === 'month' ? bytesMax - spentThisMonth : bytesMax),
    freeBytes: Math.max(0, quota - usage - WORK_BYTES),
    isSaving: await isSaving(navigator as Telling),
  };
}

/** She asked her phone to save data, or its battery is nearly empty: a download keeps the radio on for long. */
async function isSaving(phone: Telling): Promise<boolean> {
  if (phone.connection?.saveData) return true;
  const battery = await phone.getBattery?.().catch(() => undefined);
  return battery !== undefined && !battery.charging && battery.level < BATTERY_LOW;
}
