import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseSecret } from '../../secrets/secret.ts';
import { readCertificateRequest } from '../../signing/certificate-request.ts';
import { isIssuedBy, readCertificate } from '../../signing/certificates.ts';
import { type DeviceMessageKind, deviceMessageKinds } from '../kinds.ts';
import {
  checkRegistration,
  checkRequest,
  differingField,
  openRequest,
  verifyAnswer,
  verifyRefusal,
} from '../messages.ts';
import { readVectors } from './vectors.ts';

/** Takes a request as a server does. */
async function take(kind: DeviceMessageKind, document: string, publicKey: string | null) {
  if (kind === 'register') return await checkRegistration(document);
  const opened = openRequest(kind, document);
  if (!opened.ok) return opened;
  const checked = checkRequest(opened, createPublicKey(publicKey ?? ''));
  if (!checked.ok || !('certificateRequest' in checked.request)) return checked;
  const wanted = await readCertificateRequest(Buffer.from(checked.request.certificateRequest, 'base64'));
  return wanted.ok ? checked : wanted;
}

describe('requests', () => {
  const vectors = readVectors('requests');
  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    const taken = await take(vector.kind, vector.document, vector.publicKey);
    if (vector.expect.ok) expect(taken).toMatchObject({ ok: true, request: vector.expect.payload });
    else expect(taken).toMatchObject(vector.expect);
  });

  it('have a valid one of every kind and every refusal of verification', () => {
    const kinds = vectors.filter(({ expect: { ok } }) => ok).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(deviceMessageKinds));
    const codes = vectors.flatMap(({ expect: expected }) => (expected.ok ? [] : [expected.code]));
    expect(new Set(codes)).toEqual(
      new Set([
        'document-malformed',
        'header-not-allowed',
        'signature-invalid',
        'certificate-request-invalid',
      ]),
    );
  });
});

describe.each(['answers', 'answers-signed-together'] as const)('%s', (file) => {
  const trust = readVectors('trust');
  it.each(readVectors(file).map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    const { messageId } = vector;
    const instance = vector.instance ?? undefined;
    const expected = { messageId, instance, trust, at: Temporal.Instant.from(vector.at) };
    const kind = deviceMessageKinds.find((candidate) => candidate === vector.kind);
    const read =
      kind === undefined
        ? verifyRefusal(vector.document, expected)
        : verifyAnswer(kind, vector.document, expected);
    if (vector.expect.ok) {
      expect('proof' in read ? read.proof : 'answer' in read && read.answer).toEqual(vector.expect.payload);
    } else {
      expect(read).toMatchObject(vector.expect);
    }
  });
});

describe('certificates', () => {
  const trust = readVectors('trust');
  it.each(readVectors('certificates').map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    const der = Buffer.from(vector.certificate, 'base64');
    expect(isIssuedBy(der, trust.certificateAuthorities)).toBe(vector.expect.issued);
    const { serial, notAfter, holder, publicKey } = readCertificate(der);
    const own =
      publicKey.equals(createPublicKey(vector.publicKey)) &&
      holder?.accountId === vector.accountId &&
      holder.instanceId === vector.instanceId;
    expect({ own, serial, notAfter: notAfter.toString() }).toMatchObject({
      own: vector.expect.own,
      serial: vector.expect.serial,
      notAfter: vector.expect.notAfter,
    });
  });
});

describe('secrets', () => {
  it.each(readVectors('secrets').map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    const read = parseSecret(vector.text, vector.expected);
    if (read.ok) {
      const randomHex = Buffer.from(read.random).toString('hex');
      expect({ ok: true, accountId: read.accountId, randomHex }).toEqual(vector.expect);
    } else {
      expect(read).toMatchObject(vector.expect);
    }
  });
});

describe('repeats', () => {
  it.each(readVectors('repeats').map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    expect(differingField(Buffer.from(vector.first), Buffer.from(vector.second)) ?? null).toBe(
      vector.differs,
    );
  });
});
