/** A school and a phone for each test. */

import { beforeEach, vi } from 'vitest';
import type { Tiffin } from '../../src/model.ts';
import { COURSE, Phone, plugIn, RELEASE } from './phone.ts';
import { School } from './school.ts';

export interface Setting {
  school: School;
  phone: Phone;
  /** Another school, another phone. */
  renew(): void;
}

export function setting(): Setting {
  const here: Setting = {
    school: new School(),
    phone: new Phone(),
    renew() {
      here.school = new School();
      for (const learner of ['Amina', 'Badr']) here.school.announce(learner, 17, RELEASE);
      here.phone = new Phone();
      plugIn(here.school);
    },
  };
  beforeEach(() => {
    here.renew();
    return () => {
      vi.restoreAllMocks();
      vi.useRealTimers();
    };
  });
  return here;
}

export async function joined(phone: Phone, code = 'AMINA'): Promise<Tiffin> {
  const app = await phone.start();
  await app.join(code);
  return app;
}

export async function sitExam(app: Tiffin, answer = 'boil'): Promise<void> {
  await app.opened(COURSE, 'exam');
  await app.answer(COURSE, 'exam', 'q1', answer);
  await app.answer(COURSE, 'exam', 'q2', 'salt');
  await app.handIn(COURSE, 'exam');
}
