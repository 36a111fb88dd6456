import { expect, test } from 'vitest';
import { checkAnswer, type Key } from '../../src/grading/index.ts';
import type { Answer, Question } from '../../src/model.ts';
import { vectors } from '../vectors.ts';

test('an answer is worth on the phone what it is worth on the server', () => {
  const cases = vectors<{ question: Question; key: Key; answer: Answer; points: number; max: number; correct: boolean }[]>('grading');
  for (const { question, key, answer, points, max, correct } of cases) {
    expect(checkAnswer(question, key, answer), `${question.kind} ${JSON.stringify(answer)}`).toMatchObject({ points, max, correct });
  }
});
