import { type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { parseStrictJson } from './strict-json.ts';
import { climbTree, growTree, readTreeSignature, treeStatement, writeTreeSignature } from './tree.ts';

/** Signed documents are compact JWS (RFC 7515 §7.1) with ES256 (RFC 7518 §3.4). */
export const signingAlgorithm = 'ES256';

/** ES256 over the root of a tree of documents; only for answers, and only to readers who asked for it. */
export const treeAlgorithm = 'ES256-TREE';

export type SigningAlgorithm = typeof signingAlgorithm | typeof treeAlgorithm;

/** Most bytes of a request. */
export const largestRequest = 64 * 1024;

/** Most bytes of an answer or a proof: an answer says more of each tag than the request that it answers. */
export const largestAnswer = 256 * 1024;

/** The protected header: these members and no other. `crit`, `b64`, `jwk`, `jku`, `x5u` and `x5c` are refused. */
export interface DocumentHeader {
  alg: SigningAlgorithm;
  typ: string;
  kid?: string;
}

/** Why a document was not taken. In order of precedence: form, header, signature, content. */
export interface DocumentRefusal {
  ok: false;
  code: 'document-malformed' | 'header-not-allowed' | 'signature-invalid';
  detail: string;
}

/** A document whose form and header are right and whose signature has not been looked at yet. */
export interface OpenedDocument {
  ok: true;
  header: DocumentHeader;
  /** The payload's bytes as signed. Nothing in them is to be believed before `checkDocument` says so. */
  payloadBytes: Uint8Array;
  signingInput: Uint8Array;
  signature: Uint8Array;
}

export interface VerifiedDocument {
  ok: true;
  header: DocumentHeader;
  payload: unknown;
  payloadBytes: Uint8Array;
}

/** What the caller expects; `typ` is always required so that one kind of document never passes for another. */
export interface DocumentExpectation {
  type: string | readonly string[];
  keyId: 'required' | 'absent';
  /** Most bytes, `largestRequest` or `largestAnswer`. */
  largest: number;
  /** Whether a document that was signed together with others is taken as well. */
  together?: boolean;
}

/**
 * Signs a payload as compact JWS.
 *
 * @param payload serialised once with JSON.stringify; keep the returned text, it is the document
 * @param privateKey P-256
 */
export function signDocument(
  payload: object,
  header: { type: string; keyId?: string },
  privateKey: KeyObject,
): string {
  const protectedHeader: DocumentHeader = { alg: signingAlgorithm, typ: header.type };
  if (header.keyId !== undefined) protectedHeader.kid = header.keyId;
  const input = `${base64url(JSON.stringify(protectedHeader))}.${base64url(JSON.stringify(payload))}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/**
 * Signs many payloads with one signature, each as compact JWS that carries its way up the tree. Checking one needs none
 * of the others.
 */
export function signTogether(
  documents: readonly { payload: object; type: string }[],
  keyId: string,
  privateKey: KeyObject,
): string[] {
  const inputs = documents.map(({ payload, type }) => {
    const header: DocumentHeader = { alg: treeAlgorithm, typ: type, kid: keyId };
    return `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
  });
  const { root, paths } = growTree(inputs.map((input) => Buffer.from(input)));
  const statement = treeStatement(root, inputs.length);
  const signature = sign('sha256', statement, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return paths.map(
    (path, index) => `${inputs[index]}.${writeTreeSignature(signature, path).toString('base64url')}`,
  );
}

/** Reads form and header of a compact JWS; touches neither key nor payload. */
export function openDocument(
  document: string,
  expected: DocumentExpectation,
): OpenedDocument | DocumentRefusal {
  if (document.length > expected.largest) {
    return malformed(`it has ${document.length} bytes; ${expected.largest} is the most`);
  }
  const parts = document.split('.');
  const [headerPart, payloadPart, signaturePart] = parts;
  if (
    parts.length !== 3 ||
    headerPart === undefined ||
    payloadPart === undefined ||
    signaturePart === undefined
  ) {
    return malformed('a compact JWS has three parts with dots between');
  }
  const headerBytes = decodeBase64url(headerPart);
  const payloadBytes = decodeBase64url(payloadPart);
  const signature = decodeBase64url(signaturePart);
  if (headerBytes === undefined || payloadBytes === undefined || signature === undefined) {
    return malformed('a part is not base64url without padding (RFC 7515 §2)');
  }
  let header: unknown;
  try {
    header = parseStrictJson(headerBytes);
  } catch (error) {
    return malformed(`the header is not JSON: ${reason(error)}`);
  }
  const checked = checkHeader(header, expected);
  if (!checked.ok) return checked;
  const signingInput = Buffer.from(`${headerPart}.${payloadPart}`);
  return { ok: true, header: checked.header, payloadBytes, signingInput, signature };
}

/** Checks the signature of an opened document and only then parses its payload. */
export function checkDocument(
  opened: OpenedDocument,
  publicKey: KeyObject,
): VerifiedDocument | DocumentRefusal {
  if (!isP256(publicKey)) return wrongCurve;
  const signed = whatWasSigned(opened);
  if (signed === undefined) return notGenuine;
  const genuine = verify('sha256', signed.statement, withKey(publicKey), signed.signature);
  return genuine ? readPayload(opened) : notGenuine;
}

/** The bytes under the signature: the document's own, or the statement of the tree that its way leads up to. */
function whatWasSigned({
  header,
  signingInput,
  signature,
}: OpenedDocument): { statement: Uint8Array; signature: Uint8Array } | undefined {
  if (header.alg === signingAlgorithm) return { statement: signingInput, signature };
  const read = readTreeSignature(signature);
  const root = read === undefined ? undefined : climbTree(signingInput, read.path);
  if (read === undefined || root === undefined) return undefined;
  return { statement: treeStatement(root, read.path.size), signature: read.signature };
}

/** Whether a signature is one of a text by the key that the caller has in mind; ES256, as in `checkDocument`. */
export type SignatureVerdict = (signingInput: Uint8Array, signature: Uint8Array) => Promise<boolean>;

/**
 * The same as `checkDocument` for a document that was signed alone, with the signature checked by somebody else: for
 * servers that take many at once.
 */
export async function checkDocumentWith(
  opened: OpenedDocument,
  isGenuine: SignatureVerdict,
): Promise<VerifiedDocument | DocumentRefusal> {
  return (await isGenuine(opened.signingInput, opened.signature)) ? readPayload(opened) : notGenuine;
}

const verifyInPool = promisify(verify);

/**
 * Checks the signature of a document whose payload was read already, in the thread pool. Undefined when the signature
 * is genuine.
 */
export async function checkSignatureInPool(
  opened: OpenedDocument,
  publicKey: KeyObject,
): Promise<DocumentRefusal | undefined> {
  if (!isP256(publicKey)) return wrongCurve;
  const genuine = await verifyInPool('sha256', opened.signingInput, withKey(publicKey), opened.signature);
  return genuine ? undefined : notGenuine;
}

const isP256 = (key: KeyObject): boolean => key.asymmetricKeyDetails?.namedCurve === 'prime256v1';

const withKey = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const });

const wrongCurve: DocumentRefusal = {
  ok: false,
  code: 'signature-invalid',
  detail: 'the key is not a P-256 key',
};

const notGenuine: DocumentRefusal = {
  ok: false,
  code: 'signature-invalid',
  detail: 'the signature does not belong to this text and key',
};

/** Parses the payload of an opened document without any check of its signature; for `checkRegistration` and `claimOf` alone. */
export function readPayload(opened: OpenedDocument): VerifiedDocument | DocumentRefusal {
  try {
    const payload = parseStrictJson(opened.payloadBytes);
    if (payload === null || typeof payload !== 'object' || Array.isArray(payload)) {
      return malformed('the payload is not a JSON object');
    }
    return { ok: true, header: opened.header, payload, payloadBytes: opened.payloadBytes };
  } catch (error) {
    return malformed(`the payload is not JSON: ${reason(error)}`);
  }
}

function checkHeader(
  header: unknown,
  expected: DocumentExpectation,
): { ok: true; header: DocumentHeader } | DocumentRefusal {
  if (header === null || typeof header !== 'object' || Array.isArray(header)) {
    return malformed('the header is not a JSON object');
  }
  const { alg, typ, kid, ...others } = header as Record<string, unknown>;
  const [other] = Object.keys(others);
  if (other !== undefined) return notAllowed(`the header may not have ${JSON.stringify(other)}`);
  if (alg !== signingAlgorithm && !(expected.together === true && alg === treeAlgorithm)) {
    return notAllowed(`alg must be ${signingAlgorithm}, found ${JSON.stringify(alg) ?? 'nothing'}`);
  }
  const types = typeof expected.type === 'string' ? [expected.type] : expected.type;
  if (typeof typ !== 'string' || !types.includes(typ)) {
    return notAllowed(`typ must be ${types.join(' or ')}, found ${JSON.stringify(typ) ?? 'nothing'}`);
  }
  if (expected.keyId === 'absent') {
    if (kid !== undefined) return notAllowed('kid must be absent: the key is the one in the payload');
    return { ok: true, header: { alg, typ } };
  }
  if (typeof kid !== 'string' || kid === '' || kid.length > 255) {
    return notAllowed('kid must be a text of 1 to 255 characters');
  }
  return { ok: true, header: { alg, typ, kid } };
}

/** Strict base64url: RFC 7515 §2 without padding, and only the canonical form of the last character. */
function decodeBase64url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function malformed(detail: string): DocumentRefusal {
  return { ok: false, code: 'document-malformed', detail };
}

function notAllowed(detail: string): DocumentRefusal {
  return { ok: false, code: 'header-not-allowed', detail };
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
