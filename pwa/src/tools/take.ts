/** Taking courses along: what brings them, the choice of what is brought, and its screen. */

export { filesKept } from '../core/phone/kept_files.ts';
export { chooseNow, choosing } from '../downloads/choosing.ts';
export { offersOf, wantedOf } from '../downloads/offers.ts';
export { readOnline } from '../downloads/fetching.ts';
export { Taking } from '../downloads/taking.ts';
export { restFor } from '../downloads/trying.ts';
export { ChoiceScreen as Screen } from '../screens/choice.tsx';
