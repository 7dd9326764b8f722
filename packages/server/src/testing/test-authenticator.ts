import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();
const bit = { present: 0x01, verified: 0x04, attested: 0x40 };

/** Holds one passkey and does what a browser with it would do, so that tests need no browser. */
export interface TestAuthenticator {
  /** The answer to options for a new passkey. */
  make(options: { challenge: string }): unknown;
  /** The answer to options for a signature. */
  sign(options: { challenge: string }, more?: { verified?: boolean; origin?: string }): unknown;
}

/** An authenticator for the pages of `publicUrl` and one person, whose id it gives back with each signature. */
export function createTestAuthenticator(publicUrl: string, personId: string): TestAuthenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(16);
  const id = credentialId.toString('base64url');
  let counter = 0;
  const { hostname, origin: ownOrigin } = new URL(publicUrl);

  const headOf = (flags: number): Buffer => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(hostname), Buffer.from([flags]), count]);
  };
  const clientData = (type: string, challenge: string, origin = ownOrigin): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

  return {
    make({ challenge }) {
      const jwk = publicKey.export({ format: 'jwk' });
      // COSE_Key of ES256 (RFC 9053 §7.1): kty 2, alg -7, crv 1, x, y.
      const cose = Buffer.concat([
        Buffer.from('a5010203262001215820', 'hex'),
        Buffer.from(jwk.x ?? '', 'base64url'),
        Buffer.from('225820', 'hex'),
        Buffer.from(jwk.y ?? '', 'base64url'),
      ]);
      const authData = Buffer.concat([
        headOf(bit.present | bit.verified | bit.attested),
        Buffer.alloc(16),
        Buffer.from([0, credentialId.length]),
        credentialId,
        cose,
      ]);
      // CBOR of { fmt: "none", attStmt: {}, authData }.
      const attestationObject = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'),
        Buffer.from([0x58, authData.length]),
        authData,
      ]);
      return {
        id,
        rawId: id,
        type: 'public-key',
        response: {
          clientDataJSON: clientData('webauthn.create', challenge).toString('base64url'),
          attestationObject: attestationObject.toString('base64url'),
          transports: ['internal'],
        },
        clientExtensionResults: {},
      };
    },
    sign({ challenge }, { verified = true, origin } = {}) {
      counter += 1;
      const client = clientData('webauthn.get', challenge, origin);
      const authData = headOf(bit.present | (verified ? bit.verified : 0));
      const signature = sign('sha256', Buffer.concat([authData, sha256(client)]), privateKey);
      return {
        id,
        rawId: id,
        type: 'public-key',
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: authData.toString('base64url'),
          signature: signature.toString('base64url'),
          userHandle: Buffer.from(personId).toString('base64url'),
        },
        clientExtensionResults: {},
      };
    },
  };
}
