// Checks the conformance vectors with the code of client.mjs: every valid one is taken, every invalid one is refused for
// the reason that it states.
//
//     node conformance/client/check-vectors.mjs
//
// A client never reads requests. What a server does with them before any rule of licensing is here, so that all of the
// vectors are checked.

import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import {
  believe,
  isOwn,
  issuerOf,
  openDocument,
  ProtocolError,
  parseObject,
  readToken,
  readTrust,
  serialOf,
  types,
  verifyAnswer,
} from './client.mjs';

const { id, instant, count, sequence, boolean, text, der, optional, list } = types;
const object = (members) => types.object(members, true); // § 3: a receiver of a request refuses what it does not know

// ---------------------------------------------------------------------------------------------------------------------
// § 5  Requests
// ---------------------------------------------------------------------------------------------------------------------

const common = { messageId: id, sequence, sentAt: instant };
const signed = { ...common, epoch: optional(sequence) };
const usageList = list(object({ tag: text(255), count }), 200);
const usage = (value, at) => {
  const read = usageList(value, at);
  if (new Set(read.map(({ tag }) => tag)).size !== read.length) {
    throw new ProtocolError('document-malformed', `${at} has a tag twice`);
  }
  return read;
};

const requestShapes = {
  register: object({
    ...common,
    token: text(200),
    force: optional(boolean),
    certificateRequest: der,
    instance: object({
      productId: text(64),
      serialNumber: text(64),
      versionId: optional(text(32)),
      uuid: optional(id),
      hostName: optional(text(253)),
      softwareTag: optional(text(255)),
      softwareVersion: optional(text(64)),
    }),
    usage: optional(usage),
  }),
  authorize: object({
    ...signed,
    instance: optional(object({ hostName: optional(text(253)), softwareVersion: optional(text(64)) })),
    usage,
  }),
  'renew-certificate': object({ ...signed, certificateRequest: der }),
  deregister: object(signed),
};

/** One DER element: its tag, its content, its own bytes and what follows it. */
function element(bytes) {
  let length = bytes[1];
  let start = 2;
  if (length >= 0x80) {
    start += length & 0x7f;
    length = Number.parseInt(bytes.subarray(2, start).toString('hex'), 16);
  }
  const end = start + length;
  if (!(end <= bytes.length)) throw new Error('cut short');
  return {
    tag: bytes[0],
    content: bytes.subarray(start, end),
    whole: bytes.subarray(0, end),
    rest: bytes.subarray(end),
  };
}

/** The key of a PKCS#10 request that is signed by it (RFC 2986): { { version, subject, key, … }, algorithm, signature }. */
function keyOfRequest(base64) {
  try {
    const request = element(Buffer.from(base64, 'base64'));
    if (request.rest.length > 0) throw new Error('something follows it');
    const info = element(request.content);
    const algorithm = element(info.rest);
    const signature = element(algorithm.rest);
    const version = element(info.content);
    const subject = element(version.rest);
    const key = createPublicKey({ key: element(subject.rest).whole, type: 'spki', format: 'der' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('not a P-256 key');
    if (algorithm.content.toString('hex') !== '06082a8648ce3d040302')
      throw new Error('not ecdsa-with-SHA256');
    if (!verify('sha256', info.whole, key, signature.content.subarray(1)))
      throw new Error('its signature is wrong');
    return key;
  } catch (error) {
    throw new ProtocolError('certificate-request-invalid', error.message);
  }
}

const KID =
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/([0-9a-f]{2}){1,20}$/;

/** § 6, steps 2 and 3. */
function readRequest(document, kind, publicKey) {
  const opened = openDocument(document, { typ: `estover-${kind}+jws`, kid: kind !== 'register' });
  if (kind === 'register') {
    // The one document whose payload is read first: shape, certificate request, signature.
    const payload = requestShapes.register(parseObject(opened.payloadBytes, 'the payload'), '');
    believe(opened, keyOfRequest(payload.certificateRequest));
    return payload;
  }
  if (!KID.test(opened.header.kid)) throw new ProtocolError('header-not-allowed', 'kid has another form');
  const payload = requestShapes[kind](believe(opened, createPublicKey(publicKey)), '');
  if (payload.certificateRequest) keyOfRequest(payload.certificateRequest);
  return payload;
}

/** § 6, step 4: the first member, in alphabetical order, that differs. */
const differs = (a, b) =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .sort()
    .find((name) => !isDeepStrictEqual(a[name], b[name])) ?? null;

// ---------------------------------------------------------------------------------------------------------------------
// The vectors
// ---------------------------------------------------------------------------------------------------------------------

const bytesOf = (name) => readFileSync(new URL(`../${name}`, import.meta.url));
const vectors = (name) => JSON.parse(bytesOf(name));
const trust = readTrust(bytesOf('trust.json'));
let failures = 0;

/** What a reader said, in the form of `expect`. A fault of this code itself is no refusal. */
function outcome(read) {
  try {
    return { ok: true, ...read() };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { ok: false, code: error.code };
  }
}

function check(file, result) {
  const list = vectors(file);
  let wrong = 0;
  for (const vector of list) {
    const [got, expected] = result(vector);
    if (isDeepStrictEqual(got, expected)) continue;
    wrong++;
    const shorten = (value) => JSON.stringify(value).slice(0, 200);
    console.log(
      `not ok  ${file} ${vector.name} (${vector.why}): ${shorten(got)} instead of ${shorten(expected)}`,
    );
  }
  failures += wrong;
  console.log(
    `${wrong === 0 ? 'ok' : 'not ok'}  ${file.padEnd(18)} ${list.length - wrong} of ${list.length}`,
  );
}

check('requests.json', (v) => [
  outcome(() => ({ payload: readRequest(v.document, v.kind, v.publicKey) })),
  v.expect,
]);
check('answers.json', (v) => [
  outcome(() => ({
    payload: verifyAnswer(v.document, {
      kind: v.kind,
      messageId: v.messageId,
      instance: v.instance ?? undefined,
      trust,
      at: Date.parse(v.at),
    }),
  })),
  v.expect,
]);
check('certificates.json', (v) => {
  const certificate = new X509Certificate(Buffer.from(v.certificate, 'base64'));
  const notAfter = new Date(certificate.validTo).toISOString().replace('.000Z', 'Z');
  const { accountId, instanceId } = v;
  const own = isOwn(certificate, { publicKey: createPublicKey(v.publicKey), accountId, instanceId });
  const issued = issuerOf(certificate, trust) !== undefined;
  return [{ issued, own, serial: serialOf(certificate), notAfter }, v.expect];
});
check('secrets.json', (v) => [
  outcome(() => {
    const { accountId, randomHex } = readToken(v.text, v.expected);
    return { accountId, randomHex };
  }),
  v.expect,
]);
check('repeats.json', (v) => [differs(JSON.parse(v.first), JSON.parse(v.second)), v.differs]);

process.exitCode = failures === 0 ? 0 : 1;
