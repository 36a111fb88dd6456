import { expect, test } from 'vitest';
import { placeOf, to } from '../../src/screens/router.ts';

test('an empty address is the shelf', () => {
  expect(['', '#', '#/'].map(placeOf)).toEqual([{ screen: 'shelf' }, { screen: 'shelf' }, { screen: 'shelf' }]);
});

test('the picture code brings its code to the join screen', () => {
  expect(placeOf('#/join/K7QM-2XHP')).toEqual({ screen: 'join', code: 'K7QM-2XHP' });
  expect(placeOf('#/join')).toEqual({ screen: 'join', code: '' });
});

test('a course and an activity survive the way into an address and back, whatever their names hold', () => {
  const course = 'eau & santé/1';
  const activity = 'الماء #2?';

  expect(placeOf(to('course', course))).toEqual({ screen: 'course', course });
  expect(placeOf(to('course', course, activity))).toEqual({ screen: 'activity', course, activity });
});

test('an address that means nothing leads to the shelf', () => {
  for (const hash of ['#/nowhere', '#/course', '#/course/', '#//x']) expect(placeOf(hash)).toEqual({ screen: 'shelf' });
});

test('an address with a broken escape is read as it stands', () => {
  expect(placeOf('#/course/100%')).toEqual({ screen: 'course', course: '100%' });
});

test('the two other places of the bar have their own addresses', () => {
  expect([placeOf(to('tiffin')), placeOf(to('me'))]).toEqual([{ screen: 'tiffin' }, { screen: 'me' }]);
});
