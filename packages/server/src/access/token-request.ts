/** An error of the token endpoint, with its code of RFC 6749 §5.2; the message goes to the client. */
export class OAuthError extends Error {
  override name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: OAuthErrorCode, message: string, retryAfterSeconds?: number) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_scope'
  | 'unsupported_grant_type'
  | 'temporarily_unavailable';

export interface ClientCredentials {
  clientId: string;
  clientSecret: string;
}

/**
 * Reads a request for an access token: a form with the grant type, and the client's credentials in the form or in the
 * Authorization header (RFC 6749 §2.3.1 and §4.4.2).
 *
 * @throws OAuthError `invalid_request`, `invalid_client`, `invalid_scope`, `unsupported_grant_type`
 */
export function readTokenRequest(authorization: string | undefined, body: string): ClientCredentials {
  const form = new URLSearchParams(body);
  for (const name of form.keys()) {
    if (form.getAll(name).length > 1) {
      throw new OAuthError('invalid_request', 'The form names a parameter more than once.');
    }
  }
  const grantType = form.get('grant_type');
  if (grantType === null) {
    throw new OAuthError('invalid_request', 'The form must say grant_type=client_credentials.');
  }
  const credentials = credentialsOf(authorization, form);
  if (grantType !== 'client_credentials') {
    throw new OAuthError('unsupported_grant_type', 'The only grant type here is client_credentials.');
  }
  // What a client may do is its role and scope in the account; a token has all of it and never more.
  if ((form.get('scope') ?? '').trim() !== '') {
    throw new OAuthError('invalid_scope', 'Leave the scope out: a token may do what the client may do.');
  }
  return credentials;
}

function credentialsOf(authorization: string | undefined, form: URLSearchParams): ClientCredentials {
  const clientId = form.get('client_id');
  const clientSecret = form.get('client_secret');
  if (authorization === undefined) {
    if (clientId === null || clientSecret === null) {
      throw new OAuthError('invalid_client', 'The request has no client_id and client_secret.');
    }
    return { clientId, clientSecret };
  }
  const basic = readBasic(authorization);
  if (clientSecret !== null || (clientId !== null && clientId !== basic.clientId)) {
    throw new OAuthError(
      'invalid_request',
      'Send the credentials once: in the Authorization header or in the form.',
    );
  }
  return basic;
}

/** Both halves are encoded as in a form before they are joined, so that they may hold any character. */
function readBasic(authorization: string): ClientCredentials {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) {
    throw new OAuthError(
      'invalid_client',
      'The Authorization header must be Basic with client id and secret.',
    );
  }
  const decode = (part: string): string => {
    try {
      return decodeURIComponent(part.replaceAll('+', ' '));
    } catch {
      return part;
    }
  };
  return { clientId: decode(text.slice(0, colon)), clientSecret: decode(text.slice(colon + 1)) };
}
