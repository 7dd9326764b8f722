import {
  type CertificateAuthority,
  certificateToPem,
  createCertificateAuthority,
  issueIdentityCertificate,
} from '../../signing/certificates.ts';
import { exportPublicJwk } from '../../signing/keys.ts';
import { deviceMessages, refusalType } from '../kinds.ts';
import type { Trust } from '../trust.ts';
import {
  accountId,
  answeredAt,
  certificateSerial,
  forge,
  installationId,
  instanceId,
  messageId,
  publicSecretKey,
  signingKeyId,
} from './material.ts';
import type { AnswerVector, CertificateVector } from './vectors.ts';

const signing = publicSecretKey('answers');
const retired = publicSecretKey('answers, retired');
const stranger = publicSecretKey('stranger');
const instance = publicSecretKey('instance');
const notBefore = Temporal.Instant.from('2026-11-22T11:00:01Z');
const notAfter = Temporal.Instant.from('2027-11-22T12:00:01Z');
const common = { messageId, accountId, instanceId, answeredAt, lastSequence: 7 };
const tag = 'regid.2026-01.example.estover.NET_ADV,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff';

export interface AnswerMaterial {
  trust: Trust;
  answers: AnswerVector[];
  certificates: CertificateVector[];
}

/** Answers, proofs and certificates with the trust they are checked against. */
export async function answerMaterial(): Promise<AnswerMaterial> {
  const authority = await authorityOf('Estover conformance CA', 'authority');
  const certificate = await issueBy(authority, certificateSerial);
  const issued = {
    certificate: Buffer.from(certificate).toString('base64'),
    chain: [Buffer.from(authority.certificate).toString('base64')],
    certificateExpiresAt: notAfter.toString(),
    renewAfter: '2027-05-21T12:00:01Z',
  };
  return {
    trust: trustOf(authority),
    answers: [...goodAnswers(issued), ...badAnswers()],
    certificates: await certificateVectors(authority),
  };
}

function trustOf(authority: CertificateAuthority): Trust {
  const jwk = (keys: typeof signing, kid: string, end: string) =>
    ({ ...exportPublicJwk(keys.publicKey), kid, alg: 'ES256', use: 'sig', notAfter: end }) as const;
  return {
    installationId,
    certificateAuthorities: [certificateToPem(authority.certificate)],
    signingKeys: {
      keys: [
        jwk(signing, signingKeyId, '2029-11-22T12:00:00Z'),
        jwk(retired, 'signing-2024', '2026-06-30T00:00:00Z'),
      ],
    },
    serverTime: answeredAt,
  };
}

const headerOf = (typ: string, more: object = {}) =>
  JSON.stringify({ alg: 'ES256', typ, kid: signingKeyId, ...more });

function goodAnswers(issued: object): AnswerVector[] {
  const authorization = {
    state: 'out-of-compliance',
    licenses: [
      { tag, count: 4, state: 'out-of-compliance', name: 'Network Advantage' },
      { tag: 'not a regid: ÄÖ', count: 1, state: 'invalid-tag' },
    ],
    nextContactSeconds: 43_200,
    deadlineAt: '2027-02-20T12:00:01Z',
  };
  const none = {
    state: 'no-licenses-in-use',
    licenses: [],
    nextContactSeconds: 2_592_000,
    deadlineAt: '2027-02-20T12:00:01Z',
  };
  const names = {
    accountName: 'Example Ltd',
    virtualAccountName: 'Lab / Berlin',
    exportControlledAllowed: false,
  };
  const good = (name: string, kind: keyof typeof deviceMessages, payload: object): AnswerVector => ({
    ...{ name, why: 'believed', kind, messageId, at: answeredAt },
    document: forge(headerOf(deviceMessages[kind].answerType), JSON.stringify(payload), signing),
    expect: { ok: true, payload: { ...payload } },
  });
  const unknownMember = good('authorize-answer-with-unknown-member', 'authorize', {
    ...common,
    authorization: none,
  });
  const withMore = { ...common, authorization: none, weather: 'fine' };
  return [
    good('register-answer', 'register', { ...common, ...issued, ...names, authorization: none }),
    good('authorize-answer', 'authorize', { ...common, authorization }),
    good('authorize-answer-replayed', 'authorize', { ...common, replayed: true, authorization }),
    {
      ...unknownMember,
      why: 'a newer server may say more; the reader ignores it',
      document: forge(headerOf(deviceMessages.authorize.answerType), JSON.stringify(withMore), signing),
    },
    good('renew-certificate-answer', 'renew-certificate', { ...common, ...issued }),
    good('deregister-answer', 'deregister', { ...common, receipt: '0193c5a0-0000-7000-8000-00000000beef' }),
    {
      ...{ name: 'refusal-proof', why: 'believed', kind: 'refusal', messageId, at: answeredAt },
      document: forge(headerOf(refusalType), JSON.stringify(proof), signing),
      expect: { ok: true, payload: { ...proof } },
    },
  ];
}

const proof = {
  ...{ messageId, accountId, instanceId, answeredAt },
  code: 'instance-removed',
  detail: 'It was removed by an administrator on 2026-11-20.',
};

function badAnswers(): AnswerVector[] {
  const payload = JSON.stringify({ ...common, receipt: 'r' });
  const type = deviceMessages.deregister.answerType;
  const bad = (name: string, code: string, why: string, document: string, at = answeredAt): AnswerVector => ({
    ...{ name, why, kind: 'deregister', document, messageId, at },
    expect: { ok: false, code },
  });
  const other = JSON.stringify({ ...common, messageId: installationId, receipt: 'r' });
  const refusal = bad(
    'refusal-proof-by-another-key',
    'signature-invalid',
    'anybody may claim a removal',
    forge(headerOf(refusalType), JSON.stringify(proof), stranger),
  );
  return [
    bad(
      'answer-by-another-key',
      'signature-invalid',
      'not by the key of kid',
      forge(headerOf(type), payload, stranger),
    ),
    bad(
      'answer-unknown-key',
      'key-unknown',
      'fetch the trust again',
      forge(headerOf(type, { kid: 'signing-2031' }), payload, signing),
    ),
    bad(
      'answer-ended-key',
      'key-unknown',
      'the key’s time is over',
      forge(headerOf(type, { kid: 'signing-2024' }), payload, retired),
    ),
    bad('answer-to-another-message', 'wrong-message', 'a late answer', forge(headerOf(type), other, signing)),
    bad(
      'answer-of-another-kind',
      'header-not-allowed',
      'typ',
      forge(headerOf(deviceMessages.authorize.answerType), payload, signing),
    ),
    bad(
      'answer-alg-none',
      'header-not-allowed',
      'only ES256',
      forge(headerOf(type, { alg: 'none' }), payload, signing),
    ),
    bad(
      'answer-duplicate-member',
      'document-malformed',
      'no member twice',
      forge(headerOf(type), payload.replace('{', '{"receipt":"s",'), signing),
    ),
    bad(
      'answer-receipt-missing',
      'document-malformed',
      'required',
      forge(headerOf(type), JSON.stringify(common), signing),
    ),
    { ...refusal, kind: 'refusal' },
    {
      ...bad(
        'answer-as-refusal-proof',
        'header-not-allowed',
        'an answer proves no refusal',
        forge(headerOf(type), payload, signing),
      ),
      kind: 'refusal',
    },
  ];
}

async function certificateVectors(authority: CertificateAuthority): Promise<CertificateVector[]> {
  const other = await authorityOf('Estover conformance CA', 'stranger');
  const vector = async (name: string, why: string, by: CertificateAuthority, isIssued: boolean) => ({
    ...{ name, why },
    certificate: Buffer.from(await issueBy(by, certificateSerial)).toString('base64'),
    expect: { issued: isIssued, serial: certificateSerial, notAfter: notAfter.toString() },
  });
  return [
    await vector('certificate', 'issued by the authority of the trust', authority, true),
    await vector('certificate-by-another-authority', 'the same name with another key', other, false),
  ];
}

async function authorityOf(commonName: string, key: string): Promise<CertificateAuthority> {
  return await createCertificateAuthority({
    ...{ commonName, keys: publicSecretKey(key), serial: '4f0000000000000000000000000000ca' },
    notBefore: Temporal.Instant.from('2026-01-01T00:00:00Z'),
    notAfter: Temporal.Instant.from('2046-01-01T00:00:00Z'),
  });
}

async function issueBy(ca: CertificateAuthority, serial: string): Promise<Uint8Array> {
  const request = { publicKey: instance.publicKey };
  return await issueIdentityCertificate({ ca, request, accountId, instanceId, notBefore, notAfter, serial });
}
