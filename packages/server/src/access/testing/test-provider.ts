import { createHash, createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the provider of a test says of whoever signs in next, and how it lies. */
export interface ProviderAnswer {
  subject: string;
  claims: Record<string, unknown>;
  /** Changes the finished ID token's claims; `undefined` takes one out. */
  lie?: Record<string, unknown>;
  /** How the ID token is signed; a key of its own is not among those it publishes, which HS256 uses as a secret. */
  signing?: 'RS256' | 'none' | 'other-key' | 'HS256-pem' | 'HS256-der' | 'HS256-jwk';
  /** More in the header of the ID token; `other` makes them of the key that is not published. */
  header?: (other: { jwk: object; issuer: string }) => Record<string, unknown>;
  /** Changes the text of the ID token's header or payload before it is signed. */
  write?: (text: string, part: 'header' | 'payload') => string;
  /** The `iss` parameter of the answer to the browser; its own issuer if not given, null for none. */
  issParameter?: string | null;
  error?: string;
}

/** An OpenID provider that says what a test has it say, for what a real one never would. */
export interface TestProvider {
  issuer: string;
  answer: ProviderAnswer;
  /** What it says of itself beside the truth, such as another address for its keys. */
  metadata: Record<string, unknown>;
  /** Paths it was asked for, in order. */
  asked: string[];
  /** What came to its token endpoint, with the credentials of the client. */
  redeemed: { credentials: string; verifierFits: boolean }[];
  close(): void;
}

export async function startTestProvider(): Promise<TestProvider> {
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const codes = new Map<string, URLSearchParams>();
  const server: Server = createServer((request, response) => {
    void handle(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: TestProvider = {
    issuer,
    answer: { subject: 'ana', claims: {} },
    metadata: {},
    asked: [],
    redeemed: [],
    close() {
      server.closeAllConnections();
      server.close();
    },
  };

  const json = (response: ServerResponse, body: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer);
    provider.asked.push(url.pathname);
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        json(response, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          authorization_response_iss_parameter_supported: provider.answer.issParameter !== null,
          ...provider.metadata,
        });
        return;
      case '/keys':
        json(response, {
          keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'own', alg: 'RS256', use: 'sig' }],
        });
        return;
      case '/authorize': {
        const code = randomUUID();
        codes.set(code, url.searchParams);
        const back = new URL(url.searchParams.get('redirect_uri') ?? '');
        const { error, issParameter = issuer } = provider.answer;
        if (error === undefined) back.searchParams.set('code', code);
        else back.searchParams.set('error', error);
        back.searchParams.set('state', url.searchParams.get('state') ?? '');
        if (issParameter !== null) back.searchParams.set('iss', issParameter);
        response.writeHead(302, { location: back.href }).end();
        return;
      }
      case '/token': {
        const body = new URLSearchParams(await textOf(request));
        const asked = codes.get(body.get('code') ?? '');
        codes.delete(body.get('code') ?? '');
        const challenge = createHash('sha256')
          .update(body.get('code_verifier') ?? '')
          .digest('base64url');
        provider.redeemed.push({
          credentials: request.headers.authorization ?? '',
          verifierFits: challenge === asked?.get('code_challenge'),
        });
        if (asked === undefined) return void json(response, { error: 'invalid_grant' }, 400);
        json(response, {
          access_token: randomUUID(),
          token_type: 'Bearer',
          expires_in: 60,
          id_token: idToken(asked),
        });
        return;
      }
      // What a token that names its own key would have somebody fetch.
      case '/other-keys':
        json(response, {
          keys: [{ ...other.publicKey.export({ format: 'jwk' }), kid: 'other', alg: 'RS256' }],
        });
        return;
      default:
        response.writeHead(404).end();
    }
  }

  function idToken(asked: URLSearchParams): string {
    const { subject, claims, lie = {}, signing = 'RS256' } = provider.answer;
    const seconds = Math.floor(Date.now() / 1000);
    const payload = {
      iss: issuer,
      aud: asked.get('client_id'),
      sub: subject,
      nonce: asked.get('nonce'),
      iat: seconds,
      exp: seconds + 300,
      auth_time: seconds,
      ...claims,
      ...lie,
    };
    const { header: more = () => ({}), write = (text: string) => text } = provider.answer;
    const isHmac = signing.startsWith('HS256');
    const header = {
      ...(signing === 'none' ? { alg: 'none' } : { alg: isHmac ? 'HS256' : 'RS256', kid: 'own' }),
      ...more({ jwk: other.publicKey.export({ format: 'jwk' }), issuer }),
    };
    const encode = (part: unknown, name: 'header' | 'payload') =>
      Buffer.from(write(JSON.stringify(part), name)).toString('base64url');
    const text = `${encode(header, 'header')}.${encode(payload, 'payload')}`;
    const signature = () => {
      if (signing === 'none') return Buffer.alloc(0);
      if (!isHmac) {
        return sign('sha256', Buffer.from(text), signing === 'other-key' ? other.privateKey : own.privateKey);
      }
      const secrets = {
        'HS256-pem': own.publicKey.export({ format: 'pem', type: 'spki' }),
        'HS256-der': own.publicKey.export({ format: 'der', type: 'spki' }),
        'HS256-jwk': JSON.stringify(own.publicKey.export({ format: 'jwk' })),
      };
      return createHmac('sha256', secrets[signing as keyof typeof secrets])
        .update(text)
        .digest();
    };
    return `${text}.${signature().toString('base64url')}`;
  }
  return provider;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
