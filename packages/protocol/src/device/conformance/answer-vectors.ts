import { type CertificateAuthority, certificateToPem } from '../../signing/certificates.ts';
import { largestAnswer } from '../../signing/document.ts';
import { exportPublicJwk } from '../../signing/keys.ts';
import { deviceMessages, refusalType } from '../kinds.ts';
import type { Trust } from '../trust.ts';
import { authorityOf, certificateVectors, issueBy, notAfter } from './certificate-vectors.ts';
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

const instance = { accountId, instanceId, certificateSerial };
const signing = publicSecretKey('answers');
const retired = publicSecretKey('answers, retired');
const stranger = publicSecretKey('stranger');
const common = { messageId, accountId, instanceId, answeredAt, lastSequence: 7 };
const tag = 'regid.2026-01.example.estover.NET_ADV,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff';

export interface AnswerMaterial {
  /** With a key of another kind, as a newer server may have one. */
  trust: Omit<Trust, 'signingKeys'> & { signingKeys: { keys: object[] } };
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
    answers: [...goodAnswers(issued), ...longAnswers(), ...badAnswers(), ...badProofs()],
    certificates: await certificateVectors(authority),
  };
}

function trustOf(authority: CertificateAuthority): AnswerMaterial['trust'] {
  const jwk = (keys: typeof signing, kid: string, end: string) =>
    ({ ...exportPublicJwk(keys.publicKey), kid, alg: 'ES256', use: 'sig', notAfter: end }) as const;
  return {
    installationId,
    certificateAuthorities: [certificateToPem(authority.certificate)],
    signingKeys: {
      keys: [
        // The one of RFC 8037, appendix A.2: readers skip a key that they cannot use.
        {
          ...{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
          ...{ kid: 'signing-2040', alg: 'EdDSA', use: 'sig', notAfter: '2049-11-22T12:00:00Z' },
        },
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
    instance: kind === 'register' ? null : instance,
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
    good('authorize-answer-with-epoch', 'authorize', { ...common, epoch: 29_852_040, authorization }),
    {
      ...unknownMember,
      why: 'a newer server may say more; the reader ignores it',
      document: forge(headerOf(deviceMessages.authorize.answerType), JSON.stringify(withMore), signing),
    },
    good('renew-certificate-answer', 'renew-certificate', { ...common, ...issued }),
    good('deregister-answer', 'deregister', { ...common, receipt: '0193c5a0-0000-7000-8000-00000000beef' }),
    {
      ...{ name: 'refusal-proof', why: 'believed', kind: 'refusal', messageId, at: answeredAt },
      instance,
      document: forge(headerOf(refusalType), JSON.stringify(proof), signing),
      expect: { ok: true, payload: { ...proof } },
    },
    {
      ...{ name: 'refusal-proof-after-restore', why: 'believed', kind: 'refusal', messageId, at: answeredAt },
      instance,
      document: forge(headerOf(refusalType), JSON.stringify(forgotten), signing),
      expect: { ok: true, payload: { ...forgotten } },
    },
    {
      ...{ name: 'refusal-proof-of-the-certificate', why: 'its own serial number', kind: 'refusal' },
      ...{ messageId, at: answeredAt, instance },
      document: forge(headerOf(refusalType), JSON.stringify(forgottenCertificate), signing),
      expect: { ok: true, payload: { ...forgottenCertificate } },
    },
  ];
}

const proof = {
  ...{ messageId, accountId, instanceId, answeredAt },
  code: 'instance-removed',
  detail: 'It was removed by an administrator on 2026-11-20.',
};

const forgotten = {
  ...{ messageId, accountId, instanceId, answeredAt },
  code: 'instance-unknown',
  detail: 'There is no such product instance in the account.',
  epoch: 29_852_040,
};

const forgottenCertificate = {
  ...forgotten,
  code: 'certificate-unknown',
  detail: `The product instance has no certificate with the serial number ${certificateSerial}.`,
  certificateSerial,
};

const type = deviceMessages.deregister.answerType;
const farewell = { ...common, receipt: 'r' };
const payload = JSON.stringify(farewell);

/** Answers at the limits of length, depth and fractions. */
function longAnswers(): AnswerVector[] {
  const vector = (name: string, why: string, told: string, code?: string): AnswerVector => ({
    ...{ name, why, kind: 'deregister', messageId, at: answeredAt, instance },
    document: forge(headerOf(type), told, signing),
    expect: code === undefined ? { ok: true, payload: farewell } : { ok: false, code },
  });
  const withMore = (more: string) => payload.replace('{', `{"more":${more},`);
  const nested = (levels: number) => withMore('['.repeat(levels - 1) + ']'.repeat(levels - 1));
  const padded = (bytes: number) => withMore(JSON.stringify('x'.repeat(bytes)));
  const fraction = (digits: string) => payload.replace('12:00:01Z', `12:00:01.${digits}Z`);
  const malformed = 'document-malformed';
  return [
    vector('answer-32-levels', 'the object itself is level 1', nested(32)),
    vector('answer-33-levels', 'nested to 32 levels at most', nested(33), malformed),
    vector('answer-longer-than-a-request', 'answers may be longer than requests', padded(60_000)),
    vector('answer-too-long', '262,144 bytes are the most', padded((largestAnswer / 4) * 3), malformed),
    {
      ...vector('answer-9-digits', '1 to 9 digits of a fraction', fraction('123456789')),
      expect: { ok: true, payload: { ...farewell, answeredAt: '2026-11-22T12:00:01.123456789Z' } },
    },
    vector('answer-12-digits', 'more digits are refused', fraction('123456789012'), malformed),
  ];
}

function bad(name: string, code: string, why: string, document: string): AnswerVector {
  return {
    ...{ name, why, kind: 'deregister', document, messageId, at: answeredAt },
    instance,
    expect: { ok: false, code },
  };
}

function badAnswers(): AnswerVector[] {
  const other = JSON.stringify({ ...farewell, messageId: installationId });
  const foreign = JSON.stringify({ ...farewell, instanceId: installationId });
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
      'answer-to-another-instance',
      'wrong-message',
      'its own ids',
      forge(headerOf(type), foreign, signing),
    ),
    bad(
      'answer-empty-signature',
      'document-malformed',
      'no part is empty',
      forge(headerOf(type), payload, signing).replace(/[^.]*$/, ''),
    ),
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
  ];
}

function badProofs(): AnswerVector[] {
  const refuse = (name: string, code: string, why: string, document: string): AnswerVector => ({
    ...bad(name, code, why, document),
    kind: 'refusal',
  });
  const proofOf = (more: object, keys = signing) =>
    forge(headerOf(refusalType), JSON.stringify({ ...proof, ...more }), keys);
  return [
    refuse(
      'refusal-proof-by-another-key',
      'signature-invalid',
      'anybody may claim a removal',
      proofOf({}, stranger),
    ),
    refuse(
      'refusal-proof-of-another-instance',
      'wrong-message',
      'somebody else was removed',
      proofOf({ instanceId: installationId }),
    ),
    refuse(
      'refusal-proof-of-another-account',
      'wrong-message',
      'somebody else was removed',
      proofOf({ accountId: installationId }),
    ),
    refuse(
      'refusal-proof-of-another-certificate',
      'wrong-message',
      'somebody else asked with a serial number that is made up',
      proofOf({ ...forgottenCertificate, certificateSerial: '4f00' }),
    ),
    refuse(
      'refusal-proof-of-no-certificate',
      'wrong-message',
      'certificate-unknown names the certificate',
      proofOf({ ...forgottenCertificate, certificateSerial: undefined }),
    ),
    refuse(
      'answer-as-refusal-proof',
      'header-not-allowed',
      'an answer proves no refusal',
      forge(headerOf(type), payload, signing),
    ),
  ];
}
