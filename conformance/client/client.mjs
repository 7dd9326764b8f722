// A client of the device protocol in plain JavaScript: Node's own modules and nothing else.
//
// It was written from docs/protocol.md alone; "§ 5" in a comment is a section of that document. It is an example to read
// and to copy from. Run as a program it takes one instance through its whole life:
//
//     node conformance/client/client.mjs <server> <token> <tag>

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import { closeSync, fsyncSync, mkdtempSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { crc32 } from 'node:zlib';

/** What is wrong with a document: `code` is the one that § 8 and the conformance vectors use. */
export class ProtocolError extends Error {
  constructor(code, detail) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
  }
}

/** A refusal by the server. `proof` is the verified payload of its proof, or undefined where § 8 asks for none. */
export class Refusal extends Error {
  constructor(code, problem, proof) {
    super(`refused, ${code}: ${proof?.detail ?? problem.detail ?? problem.title ?? ''}`);
    this.code = code;
    this.problem = problem;
    this.proof = proof;
  }
}

const malformed = (detail) => new ProtocolError('document-malformed', detail);

// ---------------------------------------------------------------------------------------------------------------------
// § 3  Signed documents
// ---------------------------------------------------------------------------------------------------------------------

const MAXIMUM_REQUEST = 65_536;
const MAXIMUM_ANSWER = 262_144;
const MAXIMUM_BODY = 524_288; // § 2: trust documents and problems
const MAXIMUM_LEVELS = 32;

/** Base64url without padding. What does not come out the same again was not canonical (§ 3). */
function fromBase64url(text, what) {
  const bytes = Buffer.from(text, 'base64url');
  if (text === '' || bytes.toString('base64url') !== text)
    throw malformed(`${what} is not canonical base64url`);
  return bytes;
}

/** A JSON object in UTF-8, without byte order mark, not too deep, and without a name twice in one object (§ 3). */
function parseObject(bytes, what) {
  let text, value;
  try {
    // ignoreBOM keeps a byte order mark in the text, and JSON.parse refuses it.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw malformed(`${what} is not JSON in UTF-8`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw malformed(`${what} is not an object`);

  // The text is known to be JSON, so strings and brackets are all that has to be looked at. Every open bracket has an entry
  // in `open`: the names seen so far for an object, null for a list.
  const open = [];
  const tokens = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g;
  for (const [token, string, colon] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null);
      if (open.length > MAXIMUM_LEVELS) throw malformed(`${what} is nested too deeply`);
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (colon !== undefined) {
      const name = JSON.parse(string); // compared after unescaping
      if (open.at(-1).has(name)) throw malformed(`${what} has the member ${string} twice`);
      open.at(-1).add(name);
    }
  }
  return value;
}

/** Makes a signed document. */
export function signDocument(header, payload, privateKey) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'ES256', ...header })}.${encode(payload)}`;
  // ieee-p1363 is `r` and `s`, one after the other, not DER.
  const signature = sign('sha256', Buffer.from(signed), {
    key: createPrivateKey(privateKey),
    dsaEncoding: 'ieee-p1363',
  });
  return `${signed}.${signature.toString('base64url')}`;
}

/** The steps of § 3 before the key: length, three parts, base64url, header. The payload stays unread. */
export function openDocument(document, { typ, kid, answer = false }) {
  const maximum = answer ? MAXIMUM_ANSWER : MAXIMUM_REQUEST;
  if (Buffer.byteLength(document) > maximum) throw malformed(`longer than ${maximum} bytes`);
  const parts = document.split('.');
  if (parts.length !== 3) throw malformed('not three parts');
  const headerBytes = fromBase64url(parts[0], 'the header');
  const payloadBytes = fromBase64url(parts[1], 'the payload');
  const signature = fromBase64url(parts[2], 'the signature');
  const header = parseObject(headerBytes, 'the header');

  const names = Object.keys(header).sort().join();
  if (names !== (kid ? 'alg,kid,typ' : 'alg,typ'))
    throw new ProtocolError('header-not-allowed', `has the members ${names}`);
  if (header.alg !== 'ES256') throw new ProtocolError('header-not-allowed', 'alg is not ES256');
  if (header.typ !== typ) throw new ProtocolError('header-not-allowed', `typ is not ${typ}`);
  if (kid && typeof header.kid !== 'string')
    throw new ProtocolError('header-not-allowed', 'kid is not a text');
  return { header, payloadBytes, signature, signed: Buffer.from(`${parts[0]}.${parts[1]}`) };
}

/** The last two steps of § 3: the signature, and only then the payload. */
export function believe({ signed, signature, payloadBytes }, publicKey) {
  if (
    signature.length !== 64 ||
    !verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
  ) {
    throw new ProtocolError('signature-invalid', 'the signature does not fit the key');
  }
  return parseObject(payloadBytes, 'the payload');
}

export { parseObject };

// ---------------------------------------------------------------------------------------------------------------------
// § 3  Types of values. A reader takes a value and its place, and gives the value back or throws.
// ---------------------------------------------------------------------------------------------------------------------

const reader = (name, test) => (value, at) => {
  if (!test(value)) throw malformed(`${at || '/'} is not ${name}`);
  return value;
};

const isWhole = (value, from, to) => Number.isSafeInteger(value) && value >= from && value <= to;

/** RFC 3339 in UTC, 1 to 9 digits of a fraction. The text is put together again from what was understood, so that a 30th of February is noticed. */
function isInstant(value) {
  const match = typeof value === 'string' && /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z$/.exec(value);
  if (!match) return false;
  const milliseconds = Date.parse(`${match[1]}Z`);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(match[1]);
}

export const types = {
  id: reader('an id', (v) => typeof v === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(v)),
  instant: reader('an instant', isInstant),
  count: reader('a count', (v) => isWhole(v, 0, 1_000_000_000)),
  sequence: reader('a sequence number', (v) => isWhole(v, 1, Number.MAX_SAFE_INTEGER)),
  whole: reader('a whole number', (v) => isWhole(v, 0, Number.MAX_SAFE_INTEGER)),
  boolean: reader('true or false', (v) => typeof v === 'boolean'),
  text: (maximum) =>
    reader(
      `a text of ${maximum}`,
      (v) => typeof v === 'string' && v !== '' && [...v].length <= maximum && !/[\p{Cc}\p{Cs}]/u.test(v),
    ),
  anyText: reader('a text', (v) => typeof v === 'string'),
  oneOf: (...values) => reader(`one of ${values.join(', ')}`, (v) => values.includes(v)),
  der: reader(
    'base64',
    (v) => typeof v === 'string' && v !== '' && Buffer.from(v, 'base64').toString('base64') === v,
  ),
  optional: (read) => Object.assign((value, at) => read(value, at), { optional: true }),
  list:
    (read, maximum = Infinity) =>
    (value, at) => {
      if (!Array.isArray(value) || value.length > maximum)
        throw malformed(`${at || '/'} is not a list, or too long`);
      return value.map((item, index) => read(item, `${at}/${index}`));
    },
  /** Members not named are left out: the reader of an answer ignores them. `strict` refuses them, as for a request. */
  object:
    (members, strict = false) =>
    (value, at) => {
      if (value === null || typeof value !== 'object' || Array.isArray(value))
        throw malformed(`${at || '/'} is not an object`);
      const known = {};
      for (const name of Object.keys(value)) {
        if (strict && !Object.hasOwn(members, name)) throw malformed(`${at}/${name} is not known`);
      }
      for (const [name, read] of Object.entries(members)) {
        if (Object.hasOwn(value, name)) known[name] = read(value[name], `${at}/${name}`);
        else if (!read.optional) throw malformed(`${at}/${name} is missing`);
      }
      return known;
    },
};
const { id, instant, count, sequence, whole, boolean, text, anyText, oneOf, der, optional, list, object } =
  types;

// ---------------------------------------------------------------------------------------------------------------------
// § 4  Trust
// ---------------------------------------------------------------------------------------------------------------------

const trustShape = object({
  installationId: id,
  certificateAuthorities: list(anyText),
  signingKeys: object({ keys: list((value) => value) }),
  serverTime: instant,
});

/** A signing key, or nothing when it cannot be used here: a newer server may have keys of other kinds. */
function readSigningKey(key) {
  const { kty, crv, x, y, alg, use, kid, notAfter } = key ?? {};
  if (kty !== 'EC' || crv !== 'P-256' || alg !== 'ES256' || use !== 'sig' || typeof kid !== 'string')
    return [];
  try {
    const publicKey = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
    return [{ kid, publicKey, notAfter: Date.parse(instant(notAfter, '/signingKeys/keys/notAfter')) }];
  } catch {
    return [];
  }
}

/** Reads a trust document. */
export function readTrust(bytes) {
  const document = trustShape(parseObject(bytes, 'the trust document'), '');
  return {
    installationId: document.installationId,
    authorities: document.certificateAuthorities.map((pem) => new X509Certificate(pem)),
    keys: document.signingKeys.keys.flatMap(readSigningKey),
    serverTime: document.serverTime,
    document: bytes.toString(),
  };
}

export async function fetchTrust(server) {
  const response = await http(server, 'GET', '/device/v1/trust');
  if (response.status !== 200 || response.type !== 'application/json')
    throw new Error(`no trust document, ${response.status}`);
  return readTrust(response.body);
}

/** "An answer names a kid that it does not know": fetch once more, and never from another installation. */
async function fetchTrustAgain(client) {
  const trust = await fetchTrust(client.server);
  if (client.state.instanceId && trust.installationId !== client.trust.installationId) {
    throw new Error("the trust document is another installation's");
  }
  client.trust = trust;
  client.state.trust = trust.document;
  client.save(client.state);
}

// ---------------------------------------------------------------------------------------------------------------------
// § 7, § 8  Answers and proofs
// ---------------------------------------------------------------------------------------------------------------------

const answerMembers = {
  messageId: id,
  accountId: id,
  instanceId: id,
  answeredAt: instant,
  lastSequence: whole,
  replayed: optional(boolean),
  epoch: optional(sequence),
};
const certificateMembers = {
  certificate: der,
  chain: list(der),
  certificateExpiresAt: instant,
  renewAfter: instant,
};
const authorization = object({
  state: oneOf('authorized', 'out-of-compliance', 'no-licenses-in-use'),
  licenses: list(
    object({
      tag: text(255),
      count,
      state: oneOf('in-compliance', 'out-of-compliance', 'overage', 'invalid-tag', 'disabled'),
      name: optional(anyText),
    }),
  ),
  nextContactSeconds: whole,
  deadlineAt: instant,
});

const answerShapes = {
  register: object({
    ...answerMembers,
    accountName: anyText,
    virtualAccountName: anyText,
    exportControlledAllowed: boolean,
    ...certificateMembers,
    authorization,
  }),
  authorize: object({ ...answerMembers, authorization }),
  'renew-certificate': object({ ...answerMembers, ...certificateMembers }),
  deregister: object({ ...answerMembers, receipt: anyText }),
  refusal: object({
    messageId: id,
    accountId: id,
    instanceId: id,
    code: anyText,
    answeredAt: instant,
    detail: anyText,
    // "the numbers named below" (§ 6)
    serverTime: optional(instant),
    differenceSeconds: optional(reader('a whole number', Number.isSafeInteger)),
    lastSequence: optional(whole),
    field: optional(anyText),
    certificateSerial: optional(anyText),
    epoch: optional(sequence),
  }),
};

/**
 * Checks an answer (`kind` is the message's) or the proof of a refusal (`kind` is "refusal"), and gives its payload.
 * `instance`, once there is one, are the ids that the answer has to bear, and the certificate that signed the message.
 */
export function verifyAnswer(document, { kind, messageId, trust, at = Date.now(), instance }) {
  const typ = kind === 'refusal' ? 'estover-refusal+jws' : `estover-${kind}-answer+jws`;
  const opened = openDocument(document, { typ, kid: true, answer: true });
  const key = trust.keys.find(({ kid }) => kid === opened.header.kid);
  if (!key || at > key.notAfter) {
    // § 4: an ended key counts as unknown.
    throw Object.assign(new ProtocolError('key-unknown', opened.header.kid), { fetchTrust: true });
  }
  const payload = answerShapes[kind](believe(opened, key.publicKey), '');
  if (payload.messageId !== messageId) throw new ProtocolError('wrong-message', 'it answers another message');
  if (instance && (payload.instanceId !== instance.instanceId || payload.accountId !== instance.accountId)) {
    throw new ProtocolError('wrong-message', 'it answers another instance');
  }
  // § 7, "After a restore": whoever asked with another serial number got such a proof, too.
  if (payload.code === 'certificate-unknown' && payload.certificateSerial !== instance?.certificateSerial) {
    throw new ProtocolError('wrong-message', 'it is about another certificate');
  }
  return payload;
}

/** The authority of the trust that issued a certificate, or undefined (§ 4, § 7). */
export function issuerOf(certificate, trust) {
  return trust.authorities.find(
    (ca) => ca.ca && certificate.checkIssued(ca) && certificate.verify(ca.publicKey),
  );
}

/** § 7: the certificate is for this key and names this instance, in its subject and in its alternative name. */
export function isOwn(certificate, { publicKey, accountId, instanceId }) {
  return (
    certificate.publicKey.equals(publicKey) &&
    isDeepStrictEqual(certificate.subject.split('\n').sort(), [`CN=${instanceId}`, `O=${accountId}`]) &&
    certificate.subjectAltName === `URI:urn:uuid:${instanceId}`
  );
}

/** § 7: the certificate is for my key, names me, an authority of the trust issued it, and it is valid now. */
export function verifyCertificate(answer, { publicKey, trust, at = Date.now() }) {
  const fail = (what) => new Error(`the certificate ${what}`);
  const certificate = new X509Certificate(Buffer.from(answer.certificate, 'base64'));
  const { accountId, instanceId } = answer;
  if (!isOwn(certificate, { publicKey, accountId, instanceId }))
    throw fail('is for another key or another instance');
  // The trust decides, not `chain`.
  if (!issuerOf(certificate, trust)) throw fail('is not issued by an authority of the trust');
  const grace = 3_600_000; // § 10
  if (at < Date.parse(certificate.validFrom) - grace || at > Date.parse(certificate.validTo) + grace) {
    throw fail('is not valid now');
  }
  return certificate;
}

/** The serial number as `kid` has it (§ 3). */
export const serialOf = (certificate) => certificate.serialNumber.toLowerCase();

// ---------------------------------------------------------------------------------------------------------------------
// § 5  The key and the certificate request (PKCS#10, RFC 2986), its DER made by hand
// ---------------------------------------------------------------------------------------------------------------------

function tlv(tag, ...contents) {
  const content = Buffer.concat(contents);
  const length =
    content.length < 0x80
      ? [content.length]
      : content.length < 0x100
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
const SEQUENCE = 0x30;
const ECDSA_WITH_SHA256 = tlv(SEQUENCE, Buffer.from('06082a8648ce3d040302', 'hex'));

/** A new P-256 key, as PEM to be kept. */
export function makeIdentity() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

export function certificateRequest({ privateKey }) {
  const key = createPrivateKey(privateKey);
  const info = tlv(
    SEQUENCE,
    tlv(0x02, Buffer.from([0])), // version 1
    tlv(SEQUENCE), // subject: empty, because it is not used
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    tlv(0xa0), // no attributes
  );
  const signature = sign('sha256', info, key); // DER here, other than in a signed document
  return tlv(SEQUENCE, info, ECDSA_WITH_SHA256, tlv(0x03, Buffer.from([0]), signature)).toString('base64');
}

// ---------------------------------------------------------------------------------------------------------------------
// § 9  Registration tokens
// ---------------------------------------------------------------------------------------------------------------------

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRETS = ['esrt_', 'esak_', 'essu_', 'esin_'];

/** Reads a token before it is sent, so that a typing error is told at once. Blanks around it are dropped. */
export function readToken(given, expected = 'esrt_') {
  const token = given.trim();
  const prefix = SECRETS.find((one) => token.startsWith(one));
  if (!prefix) throw new ProtocolError('foreign', 'not a secret of such a server');
  const digits = (from, to) =>
    [...token.slice(from, to)].reduce((sum, c) => sum * 62n + BigInt(BASE62.indexOf(c)), 0n);
  const right =
    /^[a-z]{4}_[0-9A-Za-z]{55}$/.test(token) &&
    digits(54) === BigInt(crc32(token.slice(0, 54))) &&
    digits(5, 54) < 1n << 288n; // 36 bytes
  if (prefix !== expected) throw new ProtocolError('other-kind', `begins with ${prefix}`);
  if (!right) throw new ProtocolError('mistyped', 'its checksum is wrong');
  const hex = digits(5, 54).toString(16).padStart(72, '0');
  const accountId = hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return { token, accountId, randomHex: hex.slice(32) };
}

// ---------------------------------------------------------------------------------------------------------------------
// § 2  Transport
// ---------------------------------------------------------------------------------------------------------------------

const PATHS = {
  register: '/device/v1/registrations',
  authorize: '/device/v1/authorizations',
  'renew-certificate': '/device/v1/certificate-renewals',
  deregister: '/device/v1/deregistrations',
};

async function http(server, method, path, body) {
  const url = new URL(server.replace(/\/+$/, '') + path); // the server's address may have a path
  const ownMachine = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && ownMachine))
    throw new Error('HTTPS is a must');
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(30_000),
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/jose' } }),
  });
  // Whoever answers decides how long the answer is; do not read for ever.
  const chunks = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAXIMUM_BODY) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  const retryAfter = response.headers.get('retry-after');
  return {
    status: response.status,
    type: response.headers.get('content-type')?.split(';')[0].trim().toLowerCase(),
    retryAfterSeconds: /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) : 0,
    body: Buffer.concat(chunks),
  };
}

// ---------------------------------------------------------------------------------------------------------------------
// § 5, § 8  Sending a message until it is answered or refused
// ---------------------------------------------------------------------------------------------------------------------

/** The table of § 8: what the instance does next, and whether a proof has to come along. */
const REFUSALS = {
  'too-busy': { next: 'repeat' },
  'rate-limited': { next: 'repeat' },
  'internal-error': { next: 'repeat' },
  'document-malformed': { next: 'stop' },
  'header-not-allowed': { next: 'stop' },
  'instance-unknown': { next: 'stop' },
  'certificate-unknown': { next: 'stop' },
  'certificate-request-invalid': { next: 'stop', proof: true },
  'signature-invalid': { next: 'stop' },
  'message-id-reused': { next: 'renew', proof: true },
  'instance-removed': { next: 'stop', proof: true },
  'certificate-ended': { next: 'stop', proof: true },
  'clock-skew': { next: 'renew', proof: true },
  'sequence-regressed': { next: 'renew', proof: true },
  'account-not-active': { next: 'stop', proof: true },
  'token-malformed': { next: 'stop' },
  'token-unknown': { next: 'stop' },
  'token-revoked': { next: 'stop' },
  'token-expired': { next: 'stop' },
  'token-used-up': { next: 'stop' },
  'token-elsewhere': { next: 'stop' },
  'already-registered': { next: 'stop' },
};

/** § 5: random(0, min(3600, 5 × 2^(n−1))) seconds after the n-th failure, and never less than Retry-After. */
const backOff = (n, retryAfterSeconds = 0) =>
  sleep(1000 * Math.max(retryAfterSeconds, Math.random() * Math.min(3600, 5 * 2 ** (n - 1))));

/** Verifies; an unknown key is looked for in a trust document fetched once more (§ 4). */
async function verifyWithFreshTrust(client, document, expected) {
  try {
    return verifyAnswer(document, { ...expected, trust: client.trust });
  } catch (error) {
    if (!error.fetchTrust) throw error;
    await fetchTrustAgain(client);
    return verifyAnswer(document, { ...expected, trust: client.trust });
  }
}

/** Sends a stored message, the same bytes each time. Gives the verified answer, or throws the Refusal. */
export async function deliver(client, message) {
  const { kind, messageId, document } = message;
  const registering = kind === 'register';
  const { accountId, instanceId, serial } = client.state;
  const instance = registering ? undefined : { accountId, instanceId, certificateSerial: serial };
  let last;
  for (let n = 1; n <= client.attempts; n++) {
    if (n > 1) await backOff(n - 1, last.retryAfterSeconds);
    try {
      const response = await http(client.server, 'POST', PATHS[kind], document);
      last = { retryAfterSeconds: response.retryAfterSeconds, reason: `status ${response.status}` };
      if (response.status === 200 && response.type === 'application/jose') {
        return await verifyWithFreshTrust(client, response.body.toString('latin1'), {
          kind,
          messageId,
          instance,
        });
      }
      if (response.type !== 'application/problem+json') continue;

      const problem = parseObject(response.body, 'the problem');
      last.reason = `status ${response.status}, ${problem.code}`;
      const proof =
        problem.proof === undefined || registering
          ? undefined
          : await verifyWithFreshTrust(client, String(problem.proof), {
              kind: 'refusal',
              messageId,
              instance,
            });
      const code = proof?.code ?? problem.code; // what was signed decides
      const known = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
      if (!known || known.next === 'repeat') continue; // an unknown code counts as no answer
      // What should be proven and is not was not said; and only a proof ends a renewal, whose new key must not be lost.
      if (!proof && !registering && (known.proof || kind === 'renew-certificate')) continue;
      throw new Refusal(code, problem, proof);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      // The line, or a document that cannot be believed: no answer.
      last = { retryAfterSeconds: last?.retryAfterSeconds, reason: error.cause?.message ?? error.message };
    }
  }
  throw new Error(`no answer after ${client.attempts} attempts; the last: ${last.reason}`);
}

/**
 * Makes a message, stores it, sends it, and takes over what the answer says. `members` makes the members of this kind;
 * `newKey` is the key of a certificate request, stored with the message.
 */
async function exchange(client, kind, members, newKey) {
  const { state } = client;
  for (let n = 1; ; n++) {
    const messageId = randomUUID();
    const sequence = state.sequence + 1;
    const payload = { messageId, sequence, sentAt: new Date().toISOString(), ...members };
    // § 3: kid is <account id>/<instance id>/<certificate serial>; § 5: registering has none and signs with the new key.
    const header = { typ: `estover-${kind}+jws` };
    if (kind !== 'register') header.kid = `${state.accountId}/${state.instanceId}/${state.serial}`;
    const key = kind === 'register' ? newKey : state.identity;
    const message = {
      kind,
      messageId,
      sentAt: payload.sentAt,
      newKey,
      document: signDocument(header, payload, key.privateKey),
    };

    // § 5: stored durably before it is sent. After a restart, `resume` goes on with it.
    state.sequence = sequence;
    state.pending = message;
    client.save(state);
    try {
      return await resume(client);
    } catch (error) {
      // § 8, "renew": a new message after a back-off. A clock that is wrong would be refused for ever: tell the person.
      const again = error instanceof Refusal && REFUSALS[error.code].next === 'renew' && n < client.attempts;
      const clockIsWrong = error.code === 'clock-skew' && Date.now() - Date.parse(message.sentAt) < 3_600_000;
      if (!again || clockIsWrong) throw error;
      await backOff(n);
    }
  }
}

/** Sends the message that is stored (again) and takes over its answer. */
export async function resume(client) {
  const { state } = client;
  const message = state.pending;
  let answer;
  try {
    answer = await deliver(client, message);
  } catch (error) {
    if (error instanceof Refusal) {
      state.pending = null; // refused: this message is not sent again
      // § 8: the rest of the state changes only with a proof.
      if (error.proof?.lastSequence) state.sequence = Math.max(state.sequence, error.proof.lastSequence);
      if (error.proof && ['instance-removed', 'certificate-ended'].includes(error.code))
        forget(state, error.code);
      client.save(state);
    }
    throw error;
  }
  state.sequence = Math.max(state.sequence, answer.lastSequence); // § 7
  if (answer.certificate) {
    const publicKey = createPublicKey(message.newKey.privateKey);
    const certificate = verifyCertificate(answer, { publicKey, trust: client.trust });
    state.accountId = answer.accountId;
    state.instanceId = answer.instanceId;
    state.identity = message.newKey;
    state.certificate = answer.certificate;
    state.serial = serialOf(certificate);
    state.renewAfter = answer.renewAfter;
  }
  state.pending = null;
  if (message.kind === 'deregister') forget(state, 'deregistered');
  client.save(state);
  return { answer, message };
}

function forget(state, reason) {
  for (const name of ['accountId', 'instanceId', 'identity', 'certificate', 'serial', 'renewAfter'])
    state[name] = null;
  state.sequence = 0; // the next registration is another instance
  state.unregistered = reason;
}

// ---------------------------------------------------------------------------------------------------------------------
// The messages of § 5
// ---------------------------------------------------------------------------------------------------------------------

/** A client of one server. `save(state)` has to be durable; `state` is what it was given last, to go on with it. */
export async function openClient(server, { save, state = { sequence: 0, pending: null }, attempts = 5 }) {
  const client = { server, save, state, attempts };
  client.trust = state.trust ? readTrust(Buffer.from(state.trust)) : await fetchTrust(server);
  state.trust = client.trust.document;
  return client;
}

/** `instance` has productId and serialNumber, and what else may be told. */
export function register(client, { token, instance, usage, force, identity = makeIdentity() }) {
  const members = {
    token: readToken(token).token,
    certificateRequest: certificateRequest(identity),
    instance,
  };
  if (force !== undefined) members.force = force;
  if (usage !== undefined) members.usage = usage;
  return exchange(client, 'register', members, identity);
}

/** `usage` is the whole of what is in use: what it does not name is not in use. */
export const authorize = (client, usage) => exchange(client, 'authorize', { usage });

/** Signed by the old key; the next message uses the new one. */
export const renewCertificate = (client, identity = makeIdentity()) =>
  exchange(client, 'renew-certificate', { certificateRequest: certificateRequest(identity) }, identity);

export const deregister = (client) => exchange(client, 'deregister', {});

// ---------------------------------------------------------------------------------------------------------------------
// The whole life
// ---------------------------------------------------------------------------------------------------------------------

/** Writes beside the file, forces it to the disk, and puts it in place at once. */
export function durably(path) {
  return (state) => {
    const file = openSync(`${path}.new`, 'w', 0o600); // it holds the private key
    writeSync(file, JSON.stringify(state));
    fsyncSync(file);
    closeSync(file);
    renameSync(`${path}.new`, path);
  };
}

async function wholeLife(server, token, tag, directory) {
  const must = (condition, what) => {
    if (!condition) throw new Error(`expected: ${what}`);
  };
  const step = (name, what) => console.log(`ok  ${name.padEnd(18)} ${what}`);
  const told = ({ state, licenses }) =>
    `${state}; ${licenses.map((l) => `${l.count} ${l.state}`).join(', ') || 'no license'}`;

  const client = await openClient(server, { save: durably(join(directory, 'state.json')) });
  const { state } = client;
  step('trust', `installation ${client.trust.installationId}, ${client.trust.keys.length} signing key(s)`);

  const serialNumber = `EXAMPLE-${randomUUID()}`;
  const registered = (
    await register(client, { token, instance: { productId: 'EXAMPLE-CLIENT', serialNumber } })
  ).answer;
  must(registered.accountId === readToken(token).accountId, 'the account of the token');
  step(
    'register',
    `instance ${state.instanceId} in "${registered.virtualAccountName}", certificate ${state.serial}`,
  );

  const first = await authorize(client, [{ tag, count: 3 }]);
  must(
    first.answer.authorization.licenses.some((l) => l.tag === tag && l.count === 3),
    'the tag with 3 units',
  );
  must(first.answer.authorization.state !== 'no-licenses-in-use', 'licenses in use');
  must(first.answer.replayed !== true, 'a first answer');
  step('authorize 3', told(first.answer.authorization));

  const { replayed, ...again } = await deliver(client, first.message);
  must(replayed === true, 'replayed');
  must(
    isDeepStrictEqual(
      again,
      Object.fromEntries(Object.entries(first.answer).filter(([n]) => n !== 'replayed')),
    ),
    'the same answer',
  );
  step('repeat', 'the same answer, replayed');

  const none = (await authorize(client, [{ tag, count: 0 }])).answer;
  must(none.authorization.state === 'no-licenses-in-use', 'no-licenses-in-use');
  step('authorize 0', told(none.authorization));

  const before = { serial: state.serial, identity: state.identity };
  await renewCertificate(client);
  must(state.serial !== before.serial && state.identity !== before.identity, 'another certificate and key');
  step('renew-certificate', `certificate ${state.serial}, to be renewed after ${state.renewAfter}`);

  const second = (await authorize(client, [{ tag, count: 3 }])).answer;
  must(second.lastSequence > none.lastSequence, 'a higher sequence number');
  step('authorize 3', `with the new key: ${told(second.authorization)}`);

  const identityAtTheEnd = structuredClone(state);
  const { answer: end } = await deregister(client);
  step('deregister', `receipt ${end.receipt}`);

  // What an instance that did not know of its end would hear.
  Object.assign(state, identityAtTheEnd, { sequence: end.lastSequence, pending: null });
  const refusal = await authorize(client, []).then(
    () => undefined,
    (error) => error,
  );
  must(
    refusal instanceof Refusal && refusal.code === 'instance-removed',
    `instance-removed, not ${refusal?.message}`,
  );
  must(refusal.proof?.code === 'instance-removed', 'a proof');
  must(state.instanceId === null, 'unregistered');
  step('authorize', `refused, ${refusal.code}, with a proof: ${refusal.proof.detail}`);
}

if (import.meta.main) {
  const [server, token, tag] = process.argv.slice(2);
  if (!tag) {
    console.error('usage: node client.mjs <server> <token> <tag>');
    process.exit(2);
  }
  const directory = mkdtempSync(join(tmpdir(), 'estover-client-'));
  try {
    await wholeLife(server, token, tag, directory);
  } catch (error) {
    console.error(`not ok  ${error.message}`);
    process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
