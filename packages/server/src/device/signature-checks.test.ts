import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { createSignatureChecks, type SignatureChecks } from './signature-checks.ts';

const pairOf = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).toString('base64');

let checks: SignatureChecks;
afterEach(() => checks.close());

/** Signatures of which every third was made by another key, with what is to be found of each. */
function mixed(count: number) {
  const [own, other] = [pairOf('P-256'), pairOf('P-256')];
  return Array.from({ length: count }, (_, index) => {
    const genuine = index % 3 !== 0;
    const input = createHash('sha256')
      .update(String(index))
      .digest()
      .subarray(0, 1 + (index % 32));
    const { privateKey } = genuine ? own : other;
    const signature = sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return { genuine, check: { input, signature, key: spki(own.publicKey) } };
  });
}

it.each([1, 7, 8, 33, 500])(
  'tells the genuine among %i that come at once, each its own verdict',
  async (count) => {
    checks = createSignatureChecks(2);
    const all = mixed(count);
    const verdicts = await Promise.all(all.map(({ check }) => checks.isGenuine(check)));
    expect(verdicts).toEqual(all.map(({ genuine }) => genuine));
  },
);

it('refuses another length and a key of another curve, alone and among many', async () => {
  checks = createSignatureChecks(1);
  const input = Buffer.from('x');
  const p384 = pairOf('P-384');
  const p256 = pairOf('P-256');
  const good = sign('sha256', input, { key: p256.privateKey, dsaEncoding: 'ieee-p1363' });
  const foreign = { input, signature: good, key: spki(p384.publicKey) };
  const short = { input, signature: good.subarray(1), key: spki(p256.publicKey) };
  expect(await checks.isGenuine(foreign)).toBe(false);
  expect(await checks.isGenuine(short)).toBe(false);
  const many = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      checks.isGenuine(index % 2 === 0 ? foreign : { ...short, signature: good }),
    ),
  );
  expect(many).toEqual(many.map((_, index) => index % 2 === 1));
});

it('loses nothing when its threads end in the middle', async () => {
  checks = createSignatureChecks(2);
  const all = mixed(400);
  const verdicts = Promise.all(all.map(({ check }) => checks.isGenuine(check)));
  // After the checks were handed over and before most of them are answered.
  setImmediate(() => void checks.close());
  expect(await verdicts).toEqual(all.map(({ genuine }) => genuine));
  const again = mixed(40);
  expect(await Promise.all(again.map(({ check }) => checks.isGenuine(check)))).toEqual(
    again.map(({ genuine }) => genuine),
  );
});

it.each([1, 40])(
  'a key that cannot be read fails alone among %i, and the others get their verdicts',
  async (count) => {
    checks = createSignatureChecks(1);
    const all = mixed(count);
    const [first] = all;
    if (first === undefined) throw new Error('nothing to check');
    const damaged = { ...first.check, key: Buffer.from('no key at all').toString('base64') };
    const [failed, ...verdicts] = await Promise.allSettled(
      [damaged, ...all.map(({ check }) => check)].map((check) => checks.isGenuine(check)),
    );
    expect(failed).toMatchObject({ status: 'rejected' });
    expect(verdicts).toEqual(all.map(({ genuine }) => ({ status: 'fulfilled', value: genuine })));
    expect(await checks.isGenuine(first.check)).toBe(first.genuine);
  },
);
