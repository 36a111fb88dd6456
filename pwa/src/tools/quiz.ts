/** Doing a quiz: its screens, and what keeps, judges and seals it. */

export { sendPictures } from '../core/study/pictures.ts';
export { pictureAnswered, picturesToFile } from '../core/study/pictures_filed.ts';
export { Quizzes } from '../core/study/quizzes.ts';
export { QuizScreen as Screen } from '../screens/quiz.tsx';
