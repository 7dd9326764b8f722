import { normalizeMailAddress } from '@estover/domain/accounts';
import { parseStrictJson } from '@estover/protocol/signing';
import * as client from 'openid-client';
import type { Installation } from '../../installation/index.ts';
import { OutboundError, type OutboundRequest, outboundFetch } from '../../outbound/index.ts';
import { type Flow, flowMinutes, type Said, secretsOf } from './flows-store.ts';
import { addressesOf } from './mail-domains-view.ts';
import { FlowStopped } from './outcome-address.ts';
import { secretPurpose } from './secret-purpose.ts';
import type { Connection, Setting } from './settings-store.ts';

type OidcConnection = Extract<Connection, { protocol: 'oidc' }>;

/** Clocks of others may be so far from ours. */
const toleranceSeconds = 60;

/**
 * Where a browser is sent to sign in: authorization code with PKCE (RFC 9700 §2.1.1), and with state and nonce that are
 * this browser's.
 *
 * @throws FlowStopped `unreachable`, `provider-unknown`
 */
export async function oidcAddress(
  installation: Installation,
  setting: Setting,
  connection: OidcConnection,
  { state, flow }: { state: string; flow: Flow },
): Promise<string> {
  const provider = await discover(installation, setting, connection);
  const { nonce, codeVerifier } = secretsOf(installation, state);
  return client.buildAuthorizationUrl(provider, {
    redirect_uri: addressesOf(installation, setting.mailDomainId).redirectUri,
    scope: 'openid email profile',
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(flow.email !== null && { login_hint: flow.email }),
    // Whoever is signed in there signs in again: that is what is asked for.
    ...(flow.purpose === 'step-up' && { prompt: 'login', max_age: '0' }),
  }).href;
}

/**
 * Redeems what a browser brought back. The ID token's signature is checked although it came from the provider itself, and
 * so are issuer (RFC 9207), audience, nonce, state and time.
 *
 * @param query what came behind the `?` of the redirect URI
 * @throws FlowStopped
 */
export async function redeem(
  installation: Installation,
  setting: Setting,
  connection: OidcConnection,
  { state, flow, query, now }: { state: string; flow: Flow; query: string; now: Temporal.Instant },
): Promise<Said> {
  const provider = await discover(installation, setting, connection);
  const { nonce, codeVerifier } = secretsOf(installation, state);
  const elapsed = Math.ceil(now.since(flow.createdAt).total('seconds'));
  try {
    const tokens = await client.authorizationCodeGrant(
      provider,
      new URL(`${addressesOf(installation, setting.mailDomainId).redirectUri}?${query}`),
      {
        pkceCodeVerifier: codeVerifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
        // Not before this flow began.
        ...(flow.purpose === 'step-up' && {
          maxAge: Math.min(Math.max(elapsed, 0), flowMinutes * 60),
        }),
      },
    );
    const claims = tokens.claims();
    if (claims === undefined) throw new FlowStopped('answer-refused');
    requireOneMeaning(tokens.id_token ?? '');
    const said =
      claims['email'] === undefined && provider.serverMetadata().userinfo_endpoint !== undefined
        ? { ...(await client.fetchUserInfo(provider, tokens.access_token, claims.sub)), ...claims }
        : claims;
    const { email, name } = said as { email?: unknown; name?: unknown };
    return {
      issuer: claims.iss,
      subject: claims.sub,
      email: typeof email === 'string' ? normalizeMailAddress(email) : null,
      emailVerified: (said as { email_verified?: unknown }).email_verified === true,
      name: typeof name === 'string' ? name : null,
      authenticatedAt:
        typeof claims.auth_time === 'number'
          ? Temporal.Instant.fromEpochMilliseconds(claims.auth_time * 1000).toString()
          : null,
    };
  } catch (error) {
    throw stoppedBy(error);
  }
}

/**
 * Refuses an ID token with a member twice: two readers of it would see different people (RFC 8725 §2.4).
 *
 * @throws SyntaxError
 */
function requireOneMeaning(idToken: string): void {
  for (const part of idToken.split('.').slice(0, 2)) parseStrictJson(Buffer.from(part, 'base64url'));
}

async function discover(
  installation: Installation,
  { mailDomainId, secretSealed }: Setting,
  connection: OidcConnection,
): Promise<client.Configuration> {
  if (secretSealed === null) throw new FlowStopped('client-refused');
  const secret = installation.open(secretPurpose(mailDomainId, connection), secretSealed);
  const execute = [client.enableNonRepudiationChecks];
  // Plain http goes only to networks that the operator allows; every connection is judged for that.
  if (connection.issuer.startsWith('http:')) execute.push(client.allowInsecureRequests);
  try {
    return await client.discovery(
      new URL(connection.issuer),
      connection.clientId,
      { [client.clockTolerance]: toleranceSeconds },
      clientAuthentication(secret),
      {
        execute,
        [client.customFetch]: (url, { method, headers, body }) =>
          askProvider(url, {
            allow: installation.outboundAllow,
            method: method === 'POST' ? 'POST' : 'GET',
            headers: Object.fromEntries(new Headers(headers)),
            ...(body !== undefined && body !== null && { body: String(body) }),
          }),
      },
    );
  } catch (error) {
    const stopped = stoppedBy(error);
    throw stopped.problem === 'unreachable' ? stopped : new FlowStopped('provider-unknown', { cause: error });
  }
}

/** How long a provider has for an answer, and how long the longest is: its keys and what it says of itself are kilobytes. */
const providerTimeoutMs = 10_000;
const maximumAnswerBytes = 1024 * 1024;

/** @throws OutboundError */
async function askProvider(
  url: string,
  request: Omit<OutboundRequest, 'timeoutMs' | 'maxBytes'>,
): Promise<Response> {
  const bounds = { timeoutMs: providerTimeoutMs, maxBytes: maximumAnswerBytes };
  const { status, headers, body, truncated } = await outboundFetch(url, { ...request, ...bounds });
  if (truncated) throw new OutboundError(`The answer is longer than ${maximumAnswerBytes} bytes.`);
  const isEmpty = [204, 205, 304].includes(status);
  return new Response(isEmpty ? null : new Uint8Array(body), { status, headers });
}

/** The way the provider takes, and where it says nothing the one that is the default (OpenID Connect Core §9). */
function clientAuthentication(secret: string): client.ClientAuth {
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const taken = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return taken.includes('client_secret_basic') ? basic(server, ...rest) : post(server, ...rest);
  };
}

function stoppedBy(error: unknown): FlowStopped {
  if (error instanceof FlowStopped) return error;
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof OutboundError) return new FlowStopped('unreachable', { cause: error });
  }
  if (error instanceof client.AuthorizationResponseError)
    return new FlowStopped('declined', { cause: error });
  if (error instanceof client.ResponseBodyError || error instanceof client.WWWAuthenticateChallengeError) {
    return new FlowStopped('client-refused', { cause: error });
  }
  return new FlowStopped('answer-refused', { cause: error });
}
