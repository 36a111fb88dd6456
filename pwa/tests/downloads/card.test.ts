import { describe, expect, test } from 'vitest';
import { BrokenCard, openCard, type Card } from '../../src/downloads/card/index.ts';
import { fromHex } from '../../src/codec/index.ts';
import { vectors } from '../vectors.ts';
import { sha256 } from './course.ts';

interface Vector {
  readonly name: string;
  readonly files: readonly string[];
  readonly refused?: true;
  readonly digests: readonly string[];
  readonly whole: readonly string[];
  readonly cut: boolean;
  readonly courses: readonly string[];
}

const readAll = async (card: Card) => {
  const whole = [];
  for (const digest of card.digests) if (sha256(await card.read(digest, 0, card.size(digest))) === digest) whole.push(digest);
  return whole;
};

describe('a card, as the server reads it', () => {
  test.each(vectors<Vector[]>('cards'))('$name', async ({ files, refused, digests, whole, cut, courses }) => {
    const opened = openCard(files.map((file) => new Blob([fromHex(file)])));
    if (refused) return expect(opened.then(readAll)).rejects.toBeInstanceOf(BrokenCard);

    const card = await opened;
    expect(card.digests).toEqual(digests);
    expect(await readAll(card)).toEqual(whole);
    expect(card.isCut).toBe(cut);
    expect([...new Set(card.releases.map(({ course }) => course))]).toEqual(courses);
  });

  test('says which of its files are not here', async () => {
    const second = vectors<Vector[]>('cards').find(({ name }) => name === 'the second part alone')!;
    expect((await openCard(second.files.map((file) => new Blob([fromHex(file)])))).absentParts).toEqual([1]);
  });

  test('gives a stretch of an object, and nothing behind it', async () => {
    const [whole] = vectors<Vector[]>('cards');
    const card = await openCard(whole!.files.map((file) => new Blob([fromHex(file)])));
    const name = sha256(Buffer.from('one'));
    expect(Buffer.from(await card.read(name, 1, 1)).toString()).toBe('n');
    expect(Buffer.from(await card.read(name, 1, 900)).toString()).toBe('ne');
  });
});
