import { expect, test } from 'vitest';
import { readPush } from '../../src/worker/push.ts';

const sent = (fields: object) => readPush(JSON.stringify(fields));

test('a message as the server sends it is told as it stands', () => {
  const message = { topic: 'grade_in', title: 'وصلت نتيجتك: الماء', url: '/#/course/water', tag: 'grade_in:water', language: 'ar' };

  expect(sent(message)).toEqual({ title: 'وصلت نتيجتك: الماء', body: '', url: '/#/course/water', tag: 'grade_in:water', language: 'ar' });
});

test.each(['', 'no JSON', 'null', '7', '[]', '{"title":7,"url":{}}'])('a message of %j still shows something', (text) => {
  expect(readPush(text)).toMatchObject({ title: 'Tiffin', url: '/' });
});

test.each(['https://elsewhere.example/', '//elsewhere.example', '/\\elsewhere.example', 'javascript:alert(1)'])('%s is no place in the app', (url) => {
  expect(sent({ title: 'Hello', url }).url).toBe('/');
});

test('a long text is cut', () => {
  expect(sent({ title: 'x'.repeat(5_000) }).title).toHaveLength(300);
});
