import type { TestServer } from '../../testing/index.ts';

export interface ScimReply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire, which the test looks into
  body: any;
}

/** A client that speaks as identity providers do: method, path below the account's base, body. */
export function scimClient(server: TestServer, accountId: string, secret: string | null) {
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ScimReply> => {
    const response = await fetch(`${server.address}/scim/v2/accounts/${accountId}${path}`, {
      method,
      headers: {
        ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
}

export type ScimClient = ReturnType<typeof scimClient>;

const coreUser = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** A new user as Entra ID sends it. */
export const entraUser = (userName: string, more: Record<string, unknown> = {}) => ({
  schemas: [coreUser, enterprise],
  externalId: `ext-${userName}`,
  userName,
  active: true,
  displayName: 'Mira Holt',
  emails: [{ primary: true, type: 'work', value: userName }],
  meta: { resourceType: 'User' },
  name: { formatted: 'Mira Holt', familyName: 'Holt', givenName: 'Mira' },
  roles: [],
  ...more,
});

/** A new user as Okta sends it. */
export const oktaUser = (userName: string, more: Record<string, unknown> = {}) => ({
  schemas: [coreUser],
  userName,
  name: { givenName: 'Mira', familyName: 'Holt' },
  emails: [{ primary: true, value: userName, type: 'work' }],
  displayName: 'Mira Holt',
  locale: 'en-US',
  externalId: '00ujl29u0le5T6Aj10h7',
  groups: [],
  password: '1mz050nq',
  active: true,
  ...more,
});

export const patchOf = (...operations: unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});
