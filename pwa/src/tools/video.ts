/** Showing a video: its screen, and what feeds it from the phone. */

export { attach } from '../player/index.ts';
export { VideoScreen as Screen } from '../screens/video.tsx';
