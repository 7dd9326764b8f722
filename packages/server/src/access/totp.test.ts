import { base32 } from '@better-auth/utils/base32';
import { expect, it } from 'vitest';
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.ts';
import { newTotpSecret, stepOfCode, totpCode, totpUri } from './totp.ts';

// RFC 6238, appendix B: the secret and times of its table; of the 8 digits there the last 6.
const secret = base32.encode('12345678901234567890', { padding: false });
const at = (seconds: number) => Temporal.Instant.fromEpochMilliseconds(seconds * 1000);

it.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('has at %d seconds the code of RFC 6238: %s', async (seconds, code) => {
  expect(await totpCode(secret, at(seconds))).toBe(code);
  const now = at(seconds);
  expect(await stepOfCode(secret, code, { now, lastStep: 0 })).toBe(Math.floor(seconds / 30));
});

it('takes codes of the 30 seconds before and after, and none farther away', async () => {
  const now = at(1_000_000_000);
  const taken = [];
  for (const away of [-60, -30, 0, 30, 60]) {
    const code = await totpCode(secret, now.add({ seconds: away }));
    taken.push(await stepOfCode(secret, code, { now, lastStep: 0 }));
  }
  const step = Math.floor(1_000_000_000 / 30);
  expect(taken).toEqual([null, step - 1, step, step + 1, null]);
});

it('takes no code of 30 seconds of which one was used, or of earlier ones', async () => {
  const now = at(1_000_000_000);
  const step = Math.floor(1_000_000_000 / 30);
  const code = await totpCode(secret, now);
  expect(await stepOfCode(secret, code, { now, lastStep: step - 1 })).toBe(step);
  expect(await stepOfCode(secret, code, { now, lastStep: step })).toBe(null);
  const before = await totpCode(secret, now.subtract({ seconds: 30 }));
  expect(await stepOfCode(secret, before, { now, lastStep: step })).toBe(null);
});

it.each(['', '28708', '2870822', 'abcdef', '28708２'])('takes no code of another form: %j', async (code) => {
  expect(await stepOfCode(secret, code, { now: at(59), lastStep: 0 })).toBe(null);
});

it('writes what authenticator apps read', () => {
  expect(totpUri(secret, 'ana@example.com')).toBe(
    `otpauth://totp/Estover:ana%40example.com?secret=${secret}&issuer=Estover&digits=6&period=30`,
  );
  expect(newTotpSecret()).toMatch(/^[A-Z2-7]{32}$/);
});

it('makes ten recovery codes, each another one, and knows them however they are typed', () => {
  const codes = newRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  const seal = { derive: () => Buffer.alloc(32, 7) };
  const hash = (code: string, person = 'p') => hashRecoveryCode(seal, person, code)?.toString('hex');
  for (const code of codes) {
    expect(code).toMatch(/^[a-z2-7]{5}-[a-z2-7]{5}$/);
    expect(hash(` ${code.toUpperCase().replace('-', ' ')}`)).toBe(hash(code));
    // The same code of another person is another one.
    expect(hash(code, 'q')).not.toBe(hash(code));
  }
  expect(hash('287082')).toBeUndefined();
});
