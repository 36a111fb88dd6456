/** Courses from a memory card: its screen, and what reads it, and how keys follow each other. */

export { takeCard } from '../downloads/card/taking.ts';
export { following } from '../downloads/rotation.ts';
export { FromCard as Screen } from '../screens/from_card.tsx';
