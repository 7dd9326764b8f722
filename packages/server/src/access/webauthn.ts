import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { z } from 'zod';
import { Refused } from '../edge/refused.ts';
import type { PasskeyCredential } from './passkeys-store.ts';

/*
 * Passkeys (WebAuthn Level 3), checked by @simplewebauthn/server. The authenticator must recognize the person (by a
 * finger, a face, a PIN), so that a passkey alone is two factors.
 */

/** COSE algorithms: ES256, EdDSA and RS256, one of which every authenticator has. */
const supportedAlgorithmIDs = [-7, -8, -257];

const part = z.string().min(1).max(20_000);
const transport = z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);
const common = { id: part, rawId: part, type: z.literal('public-key') };

/** What a browser answers when a passkey is made. */
const attestation = z.object({
  ...common,
  response: z.object({
    clientDataJSON: part,
    attestationObject: part,
    transports: z.array(z.string()).optional(),
  }),
});

/** What a browser answers when a passkey has signed. */
const assertion = z.object({
  ...common,
  response: z.object({
    clientDataJSON: part,
    authenticatorData: part,
    signature: part,
    userHandle: z.string().nullish(),
  }),
});

const refused = (): Refused =>
  new Refused('passkey-refused', 'What the browser sent does not fit what it was asked for.');

/** The challenge that was signed. It is looked up before the signature is checked. */
function challengeOf(clientDataJSON: string): string {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
    const parsed = z.object({ challenge: part }).safeParse(data);
    if (parsed.success) return parsed.data.challenge;
  } catch {
    // No JSON: refused like anything else that is not what a browser sends.
  }
  throw refused();
}

/** What a browser answered when a passkey was made, and the challenge in it. */
export function readAttestation(given: unknown) {
  const parsed = attestation.safeParse(given);
  if (!parsed.success) throw refused();
  return { ...parsed.data, challenge: challengeOf(parsed.data.response.clientDataJSON) };
}

/** What a browser answered when a passkey signed, and the challenge in it. */
export function readAssertion(given: unknown) {
  const parsed = assertion.safeParse(given);
  if (!parsed.success) throw refused();
  return { ...parsed.data, challenge: challengeOf(parsed.data.response.clientDataJSON) };
}

type Attestation = ReturnType<typeof readAttestation>;
type Assertion = ReturnType<typeof readAssertion>;

/** For whom passkeys are: the name the server is reached by (§5.1.3, `rp.id`), and the address of its pages. */
function partyOf(publicUrl: string): { id: string; origin: string } {
  const { hostname, origin } = new URL(publicUrl);
  return { id: hostname, origin };
}

/** The name by which the server must be open in the browser, so that passkeys work. */
export const passkeyHost = (publicUrl: string): string => partyOf(publicUrl).id;

interface Known {
  credentialId: string;
  transports: readonly string[];
}

const descriptorOf = ({ credentialId, transports }: Known) => ({
  id: credentialId,
  transports: transports.filter((each) => transport.safeParse(each).success),
});

/** Asks a browser to make a passkey for a person; not on an authenticator that has one of theirs. */
export const optionsForNew = (
  publicUrl: string,
  person: { personId: string; name: string; email: string },
  known: readonly Known[],
) =>
  generateRegistrationOptions({
    rpName: 'Estover',
    rpID: partyOf(publicUrl).id,
    userID: new TextEncoder().encode(person.personId),
    userName: person.email,
    userDisplayName: person.name,
    attestationType: 'none',
    supportedAlgorithmIDs,
    excludeCredentials: known.map(descriptorOf),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });

/** Asks a browser for a signature: of one of these passkeys, or where there are none of any that it knows for here. */
export const optionsForProof = (publicUrl: string, known: readonly Known[]) =>
  generateAuthenticationOptions({
    rpID: partyOf(publicUrl).id,
    allowCredentials: known.map(descriptorOf),
    userVerification: 'required',
  });

/**
 * Checks a passkey that was just made.
 *
 * @throws Refused `passkey-refused`
 */
export async function checkAttestation(
  publicUrl: string,
  { challenge, ...given }: Attestation,
): Promise<Pick<PasskeyCredential, 'credentialId' | 'publicKey' | 'counter' | 'transports'>> {
  const { id, origin } = partyOf(publicUrl);
  const checked = await verifyRegistrationResponse({
    response: {
      ...given,
      response: {
        clientDataJSON: given.response.clientDataJSON,
        attestationObject: given.response.attestationObject,
      },
      clientExtensionResults: {},
    },
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: id,
    requireUserVerification: true,
    supportedAlgorithmIDs,
  }).catch(() => null);
  if (checked === null || !checked.verified) throw refused();
  const { credential } = checked.registrationInfo;
  return {
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: (given.response.transports ?? []).filter((each) => transport.safeParse(each).success),
  };
}

/**
 * Checks what a passkey signed. Returns what its authenticator counts now.
 *
 * @throws Refused `passkey-refused`
 */
export async function checkAssertion(
  publicUrl: string,
  { challenge, ...given }: Assertion,
  credential: PasskeyCredential,
): Promise<number> {
  const { id, origin } = partyOf(publicUrl);
  const { userHandle, ...response } = given.response;
  const checked = await verifyAuthenticationResponse({
    response: { ...given, response, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: id,
    credential: {
      id: credential.credentialId,
      publicKey: new Uint8Array(credential.publicKey),
      counter: credential.counter,
    },
    requireUserVerification: true,
  }).catch(() => null);
  if (checked === null || !checked.verified) throw refused();
  const owner = Buffer.from(credential.personId).toString('base64url');
  if (userHandle !== undefined && userHandle !== null && userHandle !== owner) throw refused();
  return checked.authenticationInfo.newCounter;
}
