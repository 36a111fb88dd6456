import { describe, expect, test } from 'vitest';
import { answerTo, isImmutable, objectOf, replyTo } from '../../src/worker/policy.ts';

const DIGEST = 'ab'.repeat(32);
const PRECACHED = new Set(['/', '/assets/index-1a2b.js', '/manifest.webmanifest']);
const answer = (path: string, mode = 'cors', method = 'GET') => answerTo(method, mode, path, PRECACHED);

describe('a request', () => {
  test.each([
    ['the app', '/', 'navigate', 'file'],
    ['any place in the app', '/course/water', 'navigate', 'shell'],
    ['a file of the app', '/assets/index-1a2b.js', 'no-cors', 'file'],
    ['a file of the consoles', '/assets/console-9f.js', 'no-cors', 'network'],
    ['a console', '/trainer', 'navigate', 'network'],
    ['a page of a console', '/admin/devices', 'navigate', 'network'],
    ['a place that only begins like a console', '/trainers-guide', 'navigate', 'shell'],
    ['an exchange', '/v1/exchange', 'cors', 'network'],
    ['an API page that is navigated to', '/v1/docs', 'navigate', 'network'],
    ['an object by its name alone, as downloads ask', `/v1/objects/${DIGEST}`, 'cors', 'network'],
    ['a picture of a course', `/v1/objects/${DIGEST}.webp`, 'no-cors', 'object'],
    ['a file of a course that is opened', `/v1/objects/${DIGEST}.pdf`, 'navigate', 'object'],
    ['an object of a name that is none', '/v1/objects/abc.webp', 'no-cors', 'network'],
    ['the worker', '/sw.js', 'same-origin', 'network'],
    ['a file that is not known', '/robots.txt', 'navigate', 'network'],
  ])('for %s is answered so', (_, path, mode, expected) => {
    expect(answer(path, mode)).toBe(expected);
  });

  test.each(['POST', 'PUT', 'HEAD'])('that is a %s is always the network\'s', (method) => {
    expect(answer('/', 'navigate', method)).toBe('network');
    expect(answer(`/v1/objects/${DIGEST}.webp`, 'cors', method)).toBe('network');
  });
});

describe('an object', () => {
  test('has the type that its extension says, and none that would run', () => {
    expect(objectOf(`/v1/objects/${DIGEST}.vtt`)).toEqual({ digest: DIGEST, type: 'text/vtt; charset=utf-8' });
    expect(objectOf(`/v1/objects/${DIGEST}.svg`)!.type).toBe('application/octet-stream');
    expect(objectOf(`/v1/objects/${DIGEST}.js`)!.type).toBe('application/octet-stream');
  });

  test.each([
    [null, 200, 0, 10, undefined],
    ['bytes=0-', 206, 0, 10, 'bytes 0-9/10'],
    ['bytes=2-4', 206, 2, 5, 'bytes 2-4/10'],
    ['bytes=2-99', 206, 2, 10, 'bytes 2-9/10'],
    ['bytes=-3', 206, 7, 10, 'bytes 7-9/10'],
    ['bytes=-99', 206, 0, 10, 'bytes 0-9/10'],
    ['bytes=10-', 416, 0, 0, 'bytes */10'],
    ['bytes=-0', 416, 0, 0, 'bytes */10'],
    ['bytes=4-2', 200, 0, 10, undefined],
    ['bytes=0-1,4-5', 200, 0, 10, undefined],
    ['lines=1-2', 200, 0, 10, undefined],
  ])('asked for %s is sent so', (range, status, start, end, contentRange) => {
    const reply = replyTo(range, 10, { digest: DIGEST, type: 'image/webp' });

    expect(reply).toMatchObject({ status, start, end });
    expect(reply.headers['Content-Range']).toBe(contentRange);
    expect(reply.headers['Content-Security-Policy']).toContain('sandbox');
  });
});

test('only files whose name says what they hold are taken from an older revision', () => {
  expect(isImmutable('/assets/index-1a2b.js')).toBe(true);
  expect(isImmutable('/')).toBe(false);
  expect(isImmutable('/icon.svg')).toBe(false);
});
