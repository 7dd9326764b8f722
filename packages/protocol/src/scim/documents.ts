import { groupSchema } from './group.ts';
import { userSchema } from './user.ts';

export const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

export const scimMediaType = 'application/scim+json';

/** So many resources one page has at most. */
export const mostResults = 200;

const coreSchemas = 'urn:ietf:params:scim:schemas:core:2.0';

const meta = (base: string, resourceType: string, path: string) => ({
  resourceType,
  location: `${base}/${path}`,
});

/** What identity providers may do here (RFC 7643 §5). */
export const serviceProviderConfig = (base: string): Record<string, unknown> => ({
  schemas: [`${coreSchemas}:ServiceProviderConfig`],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: mostResults },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'The secret of an API client, or an access token it got at /oauth/token',
      specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
      primary: true,
    },
  ],
  meta: meta(base, 'ServiceProviderConfig', 'ServiceProviderConfig'),
});

/** The kinds of resources there are (RFC 7643 §6). */
export const resourceTypes = (base: string): Record<string, unknown>[] =>
  [
    { id: 'User', endpoint: '/Users', schema: userSchema, description: 'People of the account' },
    {
      id: 'Group',
      endpoint: '/Groups',
      schema: groupSchema,
      description: 'Provisioned groups of the account',
    },
  ].map((type) => ({
    schemas: [`${coreSchemas}:ResourceType`],
    name: type.id,
    ...type,
    schemaExtensions: [],
    meta: meta(base, 'ResourceType', `ResourceTypes/${type.id}`),
  }));

interface AttributeFacts {
  required?: boolean;
  mutability?: 'readOnly' | 'readWrite' | 'immutable';
  caseExact?: boolean;
  uniqueness?: 'none' | 'server';
  description: string;
}

const attribute = (name: string, type: string, facts: AttributeFacts, more: object = {}) => ({
  name,
  type,
  multiValued: false,
  required: false,
  mutability: 'readWrite',
  returned: 'default',
  ...(type === 'string' ? { caseExact: false, uniqueness: 'none' } : {}),
  ...facts,
  ...more,
});

const subAttributes = (...list: object[]) => ({ subAttributes: list });

/** The attributes that are kept, of each kind of resource (RFC 7643 §7). */
export const schemas = (base: string): Record<string, unknown>[] =>
  [
    {
      id: userSchema,
      name: 'User',
      description: 'Somebody who belongs to the account',
      attributes: [
        attribute('userName', 'string', {
          required: true,
          mutability: 'immutable',
          uniqueness: 'server',
          description: 'Their mail address, in a mail domain of the account',
        }),
        attribute('externalId', 'string', {
          caseExact: true,
          description: 'Their id at the identity provider',
        }),
        attribute(
          'name',
          'complex',
          { description: 'Their name' },
          subAttributes(
            attribute('formatted', 'string', { description: 'The whole name' }),
            attribute('givenName', 'string', { description: 'The given name' }),
            attribute('familyName', 'string', { description: 'The family name' }),
          ),
        ),
        attribute('displayName', 'string', { description: 'The name as it is shown' }),
        attribute(
          'emails',
          'complex',
          { mutability: 'readOnly', description: 'The mail address, which is userName' },
          {
            multiValued: true,
            ...subAttributes(
              attribute('value', 'string', { mutability: 'readOnly', description: 'The mail address' }),
              attribute('type', 'string', { mutability: 'readOnly', description: 'work' }),
              attribute('primary', 'boolean', { mutability: 'readOnly', description: 'true' }),
            ),
          },
        ),
        attribute('active', 'boolean', { description: 'Whether they may have rights in the account' }),
      ],
    },
    {
      id: groupSchema,
      name: 'Group',
      description: 'A group that an administrator has marked as provisioned',
      attributes: [
        attribute('displayName', 'string', {
          required: true,
          mutability: 'readOnly',
          uniqueness: 'server',
          description: 'The name, which is given in the console',
        }),
        attribute('externalId', 'string', {
          caseExact: true,
          description: 'Its id at the identity provider',
        }),
        attribute(
          'members',
          'complex',
          { description: 'Who is in it' },
          {
            multiValued: true,
            ...subAttributes(
              attribute('value', 'string', {
                caseExact: true,
                mutability: 'immutable',
                description: 'The id of a user',
              }),
              attribute('display', 'string', { mutability: 'readOnly', description: 'Their mail address' }),
              attribute(
                '$ref',
                'reference',
                { mutability: 'immutable', description: 'The address of the user' },
                {
                  referenceTypes: ['User'],
                },
              ),
            ),
          },
        ),
      ],
    },
  ].map((schema) => ({
    schemas: [`${coreSchemas}:Schema`],
    ...schema,
    meta: meta(base, 'Schema', `Schemas/${schema.id}`),
  }));
