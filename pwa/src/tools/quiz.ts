/** Doing a quiz: its screens, and what keeps, judges and seals it. */

export { sendPictures } from '../core/pictures.ts';
export { pictureAnswered, picturesToFile } from '../core/pictures_filed.ts';
export { Quizzes } from '../core/quizzes.ts';
export { QuizScreen as Screen } from '../screens/quiz.tsx';
