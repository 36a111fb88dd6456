import { expect, test, vi } from 'vitest';
import { words as coreEn } from '../../src/strings/en.ts';
import { language, speak, speakOfTools, t, wordsLanguage } from '../../src/strings/words.ts';

let arrive: () => void;
const onTheWay = new Promise<void>((resolve) => (arrive = resolve));
vi.mock('../../src/strings/ar.ts', async (original) => {
  await onTheWay;
  return original();
});

test('words that come when another language is spoken already stay away, the tools’ too', async () => {
  const late = speak('ar');
  const tools = speakOfTools();
  await speak('en');
  arrive();
  await Promise.all([late, tools]);

  expect([language(), wordsLanguage(), t('app.name')]).toEqual(['en', 'en', coreEn['app.name']]);
  expect(t('notes.keep')).toBe('Keep note');
});
