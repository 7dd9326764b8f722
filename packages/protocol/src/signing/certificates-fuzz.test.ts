import { describe, expect, it } from 'vitest';
import { readVectors } from '../device/conformance/vectors.ts';
import { findSigningKey, trustSchema } from '../device/trust.ts';
import { type Random, randomFrom } from '../testing/index.ts';
import { readCertificateRequest } from './certificate-request.ts';
import { isIssuedBy, readCertificate } from './certificates.ts';

/*
 * Certificates, certificate requests and trust documents that were tampered with. A request is bound to its key by its
 * own signature, a certificate to its holder by the authority's; the trust document is as good as the line, so it must
 * only never break its reader.
 */

const seed = Number(process.env.FUZZ_SEED ?? 20_261_122);

/** Every bit of every byte, every cut, and bytes that follow. */
function* mutantsOf(der: Buffer): Generator<{ what: string; bytes: Buffer }> {
  for (let at = 0; at < der.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const bytes = Buffer.from(der);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
      yield { what: `bit ${bit} of byte ${at}`, bytes };
    }
    yield { what: `the first ${at} bytes`, bytes: der.subarray(0, at) };
    yield { what: `without byte ${at}`, bytes: Buffer.concat([der.subarray(0, at), der.subarray(at + 1)]) };
  }
  yield { what: 'bytes behind it', bytes: Buffer.concat([der, Buffer.from('0500', 'hex')]) };
  yield { what: 'a length that is a lie', bytes: Buffer.concat([Buffer.from('3084ffffffff', 'hex'), der]) };
  yield { what: 'nested without end', bytes: Buffer.alloc(12_000, Buffer.from('3080', 'hex')) };
  yield { what: 'in PEM', bytes: Buffer.from(`-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n`) };
}

describe('a certificate request', () => {
  const [vector] = readVectors('requests').filter(({ kind, expect: { ok } }) => ok && kind === 'register');
  if (vector?.expect.ok !== true) throw new Error('there is no registration among the vectors');
  const der = Buffer.from(String(vector.expect.payload.certificateRequest), 'base64');

  it('that was tampered with is refused, or is for the same key', async () => {
    const genuine = await readCertificateRequest(der);
    if (!genuine.ok) throw new Error(genuine.detail);
    const faults: string[] = [];
    let refused = 0;
    for (const { what, bytes } of mutantsOf(der)) {
      const read = await readCertificateRequest(bytes).catch((error: unknown) => `threw ${String(error)}`);
      if (typeof read === 'string') faults.push(`${what}: ${read}`);
      else if (!read.ok) refused += 1;
      else if (!read.publicKey.equals(genuine.publicKey)) faults.push(`${what}: taken with another key`);
    }
    expect(faults).toEqual([]);
    expect(refused).toBeGreaterThan(der.length * 9);
  });
});

describe('a certificate', () => {
  const trust = readVectors('trust');
  const [vector] = readVectors('certificates').filter(({ expect: { issued, own } }) => issued && own);
  const der = Buffer.from(vector?.certificate ?? '', 'base64');
  const factsOf = (bytes: Buffer): string => {
    const { publicKey, ...facts } = readCertificate(bytes);
    const key = publicKey.export({ format: 'jwk' });
    return JSON.stringify({ ...facts, key });
  };

  it('that was tampered with is issued by nobody, or says the same', () => {
    const genuine = factsOf(der);
    const faults: string[] = [];
    let unbelieved = 0;
    for (const { what, bytes } of mutantsOf(der)) {
      try {
        if (isIssuedBy(bytes, trust.certificateAuthorities) && factsOf(bytes) !== genuine) faults.push(what);
        else unbelieved += 1;
      } catch (error) {
        // Reading what is no certificate throws, as is said; with an error, and never for another reason.
        if (error instanceof Error && !(error instanceof TypeError)) unbelieved += 1;
        else faults.push(`${what}: threw ${String(error)}`);
      }
    }
    expect(faults).toEqual([]);
    expect(unbelieved).toBeGreaterThan(der.length * 9);
  });
});

describe('a trust document', () => {
  const text = JSON.stringify(readVectors('trust'));
  const at = Temporal.Instant.from('2026-11-22T12:00:01Z');
  const keyIds = readVectors('trust').signingKeys.keys.map(({ kid }) => kid);

  /** One to three of its values exchanged for something else. */
  const mutant = (random: Random): unknown => {
    const places: { holder: Record<string, unknown>; name: string }[] = [];
    const trust: unknown = JSON.parse(text);
    const walk = (value: unknown): void => {
      if (value === null || typeof value !== 'object') return;
      for (const name of Object.keys(value)) {
        const holder = value as Record<string, unknown>;
        places.push({ holder, name });
        walk(holder[name]);
      }
    };
    walk(trust);
    for (let change = 0; change <= random.below(3); change += 1) {
      const { holder, name } = random.pick(places);
      const value = holder[name];
      holder[name] = random.pick<() => unknown>([
        () => null,
        () => 1e308,
        () => [],
        () => ({}),
        () => 'x'.repeat(random.below(5_000)),
        () => [value, value],
        () => (typeof value === 'string' ? value.slice(random.below(value.length)) : value),
        () => (typeof value === 'string' ? [...value].reverse().join('') : value),
        () => undefined,
      ])();
    }
    return trust;
  };

  it(`that was changed at random is refused or has keys that work (FUZZ_SEED=${seed})`, () => {
    const random = randomFrom(seed);
    let taken = 0;
    for (let made = 0; made < 2_000; made += 1) {
      const read = trustSchema.safeParse(mutant(random));
      if (!read.success) continue;
      taken += 1;
      for (const keyId of [...keyIds, '', '__proto__', 'constructor']) {
        const key = findSigningKey(read.data, keyId, at);
        expect(key?.asymmetricKeyDetails?.namedCurve ?? 'prime256v1').toBe('prime256v1');
      }
    }
    expect(taken).toBeGreaterThan(100);
    expect(taken).toBeLessThan(1_900);
  });
});
