import { randomBytes, timingSafeEqual } from 'node:crypto';
import { base32 } from '@better-auth/utils/base32';
import { createOTP } from '@better-auth/utils/otp';

/** What every authenticator app knows: SHA-1, 6 digits, 30 seconds (RFC 6238, and the key URI format). */
const period = 30;
const digits = 6;
const codePattern = /^\d{6}$/;

/** A new secret in base32: 160 bits, as long as the hash (RFC 4226 §4, R6). */
export const newTotpSecret = (): string => base32.encode(randomBytes(20), { padding: false });

const otpOf = (secret: string) => createOTP(base32.decode(secret), { digits, period });

/** What an authenticator app reads from the picture. */
export const totpUri = (secret: string, email: string): string => otpOf(secret).url('Estover', email);

/** The code of an instant. */
export const totpCode = (secret: string, at: Temporal.Instant): Promise<string> =>
  otpOf(secret).hotp(stepOf(at));

const stepOf = (at: Temporal.Instant): number => Math.floor(at.epochMilliseconds / 1000 / period);

/**
 * Which 30 seconds a code is of: those of now, or the ones before or after, because clocks differ and people type
 * slowly. Null for a code of another time, or of 30 seconds up to `lastStep`, of which one was used (RFC 6238 §5.2).
 */
export async function stepOfCode(
  secret: string,
  code: string,
  { now, lastStep }: { now: Temporal.Instant; lastStep: number },
): Promise<number | null> {
  if (!codePattern.test(code)) return null;
  const otp = otpOf(secret);
  const current = stepOf(now);
  const given = Buffer.from(code);
  let found: number | null = null;
  for (const step of [current - 1, current, current + 1]) {
    const same = timingSafeEqual(Buffer.from(await otp.hotp(step)), given);
    if (same && step > lastStep) found = step;
  }
  return found;
}
