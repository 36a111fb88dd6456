/** Doing a quiz: its screens, and what keeps, judges and seals it. */

export { sendPictures } from '../core/work/pictures.ts';
export { pictureAnswered, picturesToFile } from '../core/work/pictures_filed.ts';
export { Quizzes } from '../core/work/quizzes.ts';
export { QuizScreen as Screen } from '../screens/quiz.tsx';
