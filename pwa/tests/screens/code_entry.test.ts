import { expect, test } from 'vitest';
import { caretAfter, isWhole, plainCode, shownCode } from '../../src/screens/code_entry.ts';

test('the dash comes by itself after the fourth character', () => {
  const typed = ['k', 'k7qm', 'k7qm2', 'k7qm2xhp'];

  expect(typed.map(shownCode)).toEqual(['K', 'K7QM', 'K7QM-2', 'K7QM-2XHP']);
});

test('letters that are read as digits become those digits', () => {
  expect(plainCode('oOiIlL')).toBe('001111');
});

test('a code pasted with spaces and another dash, or in wide letters, is still that code', () => {
  expect(shownCode(' k7qm — 2xhp ')).toBe('K7QM-2XHP');
  expect(shownCode('Ｋ７ＱＭ２ＸＨＰ')).toBe('K7QM-2XHP');
});

test('U is in no code, and nothing follows the eighth character', () => {
  expect(plainCode('uK7QM2XHP9')).toBe('K7QM2XHP');
});

test('only eight characters make a whole code', () => {
  expect([isWhole('K7QM-2XH'), isWhole('K7QM-2XHP')]).toEqual([false, true]);
});

test('the caret stays behind the character that was typed, also across the dash', () => {
  expect(caretAfter('K7QM2', 5)).toBe(6);
  expect(caretAfter('K7Q', 3)).toBe(3);
  expect(caretAfter('K7XQM-2XH', 3)).toBe(3);
});

test('deleting the dash alone leaves the code as it was', () => {
  expect(shownCode('K7QM2XHP')).toBe('K7QM-2XHP');
});
