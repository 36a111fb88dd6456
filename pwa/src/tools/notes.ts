/** Notes beside a page or a video: their screen. What keeps them is in the core, since they come with exchanges too. */

export { Notes as Screen } from '../screens/notes.tsx';
