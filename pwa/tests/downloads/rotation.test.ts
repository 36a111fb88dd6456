import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { leading, type Endorsement } from '../../src/downloads/rotation.ts';

interface Pair {
  readonly raw: Uint8Array<ArrayBuffer>;
  readonly id: string;
  readonly secret: KeyObject;
}

function pair(): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
  return { raw, id: createHash('sha256').update(raw).digest('hex').slice(0, 16), secret: privateKey };
}

function endorsed(by: Pair, generation: number, next: Pair): Endorsement {
  const statement = Buffer.concat([Buffer.from('tiffin-key-1\n'), Buffer.from([0, 0, generation >> 8, generation & 255]), next.raw]);
  return { generation, public_key: Buffer.from(next.raw).toString('hex'), by: by.id, signature: sign(null, statement, by.secret).toString('hex') };
}

const [first, second, third, thief] = [pair(), pair(), pair(), pair()];
const refused = expect.objectContaining({ code: 'tampered' });

test('the key that was named at joining is followed without anybody’s word', async () => {
  const keys = await leading({ releaseKey: first.raw, nextReleaseKey: second.raw }, second.id, []);

  expect(keys).toEqual({ releaseKey: second.raw, nextReleaseKey: undefined, keyGeneration: 1 });
});

test('a phone that was away for two rotations follows the endorsements, one by one', async () => {
  const chain = [endorsed(first, 1, second), endorsed(second, 2, third)];

  const keys = await leading({ releaseKey: first.raw, nextReleaseKey: second.raw, keyGeneration: 0 }, third.id, chain);

  expect(keys).toEqual({ releaseKey: third.raw, nextReleaseKey: undefined, keyGeneration: 2 });
});

test('the key after the new one is remembered, so that a thief of the new one can name no other', async () => {
  const keys = await leading({ releaseKey: first.raw, nextReleaseKey: second.raw }, second.id, [endorsed(second, 2, third)]);
  expect(keys.nextReleaseKey).toEqual(third.raw);

  const stolen = leading(keys, thief.id, [endorsed(second, 2, thief)]);

  await expect(stolen).rejects.toEqual(refused);
});

test('a stolen present key names no successor beside the one that is known', async () => {
  const stolen = leading({ releaseKey: first.raw, nextReleaseKey: second.raw }, thief.id, [endorsed(first, 1, thief)]);

  await expect(stolen).rejects.toEqual(refused);
});

test('there is no way back to a key that was left behind', async () => {
  const trusted = { releaseKey: second.raw, nextReleaseKey: third.raw, keyGeneration: 1 };

  await expect(leading(trusted, first.id, [endorsed(first, 1, second)])).rejects.toEqual(refused);
});

test.each([
  ['somebody else signed', endorsed(thief, 1, thief)],
  ['the signature is of another generation', { ...endorsed(first, 2, thief), generation: 1 }],
  ['the key is no key', { ...endorsed(first, 1, thief), public_key: 'zz' }],
  ['the signature is none', { ...endorsed(first, 1, thief), signature: '' }],
])('an endorsement is passed over where %s', async (_, link) => {
  await expect(leading({ releaseKey: first.raw }, thief.id, [link])).rejects.toEqual(refused);
});
