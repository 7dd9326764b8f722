import { normalizeMailAddress } from '@estover/domain/accounts';
import { type Attributes, attributesOf, booleanIn, plainName, textIn } from './attributes.ts';
import { invalidPath, invalidValue, ScimError } from './error.ts';
import type { PatchStep } from './patch.ts';

export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';

/** What an identity provider says about a person, as far as it is kept. */
export interface ScimUser {
  /** The person's mail address. */
  userName: string;
  externalId: string | null;
  active: boolean;
  displayName: string | null;
  givenName: string | null;
  familyName: string | null;
  formatted: string | null;
}

/** Attributes of the core schema that are taken and not kept; mail addresses are, because userName is one. */
const notKept: ReadonlySet<string> = new Set([
  'addresses',
  'emails',
  'entitlements',
  'ims',
  'locale',
  'nickname',
  'password',
  'phonenumbers',
  'photos',
  'preferredlanguage',
  'profileurl',
  'roles',
  'timezone',
  'title',
  'usertype',
  'x509certificates',
]);

/** Attributes that only the server writes. */
const readOnly: ReadonlySet<string> = new Set(['groups', 'id', 'meta', 'schemas']);

const isExtension = (name: string): boolean => name.startsWith('urn:ietf:params:scim:schemas:extension:');

/**
 * Reads a whole user, as it is sent to make or replace one. `active` is absent where nothing is said of it. Attributes that
 * are not kept are passed over (RFC 7644 §3.3).
 *
 * @throws ScimError `invalidSyntax`, `invalidValue`
 */
export function readUser(body: unknown): Omit<ScimUser, 'active'> & { active?: boolean } {
  const given = attributesOf(body, 'The body');
  const user: ScimUser = { ...nothing, userName: userNameIn(given['username']) };
  for (const name of ['externalid', 'displayname', 'name']) {
    if (given[name] !== undefined) setAttribute(user, name, given[name]);
  }
  const { active: _, ...rest } = user;
  const isSaid = given['active'] !== undefined && given['active'] !== null;
  return isSaid ? { ...rest, active: booleanIn(given['active'], 'active') } : rest;
}

const nothing = {
  externalId: null,
  active: true,
  displayName: null,
  givenName: null,
  familyName: null,
  formatted: null,
};

/**
 * What a user is after a PATCH, in the forms in which identity providers write one: with paths, or without one and with
 * an object of attributes, whose names may be paths themselves.
 *
 * @throws ScimError `invalidPath`, `invalidValue`, `mutability`
 */
export function patchUser(user: ScimUser, steps: readonly PatchStep[]): ScimUser {
  const after = { ...user };
  for (const { op, path, value } of steps) {
    if (path === null) {
      for (const [name, each] of Object.entries(attributesOf(value, 'The value of a step without a path'))) {
        if (!readOnly.has(plainName(name))) setAttribute(after, name, each);
      }
    } else if (readOnly.has(plainName(path))) {
      throw new ScimError(400, `Only the server writes ${path}.`, 'mutability');
    } else setAttribute(after, path, op === 'remove' ? null : value);
  }
  return after;
}

const nameParts = new Map([
  ['givenname', 'givenName'],
  ['familyname', 'familyName'],
  ['formatted', 'formatted'],
] as const);

/** The part of a name that is written so; undefined for those that are not kept. */
const namePartOf = (written: string) => [...nameParts].find(([known]) => known === written)?.[1];

function setAttribute(user: ScimUser, path: string, value: unknown): void {
  const name = plainName(path);
  if (name === 'active') user.active = booleanIn(value, 'active');
  else if (name === 'username') user.userName = userNameIn(value);
  else if (name === 'externalid') user.externalId = textIn(value, 'externalId');
  else if (name === 'displayname') user.displayName = textIn(value, 'displayName');
  else if (name === 'name') setName(user, value === null ? {} : attributesOf(value, 'name'));
  else if (name.startsWith('name.')) {
    const part = namePartOf(name.slice('name.'.length));
    // Parts of names that are not kept, such as middleName.
    if (part !== undefined) user[part] = textIn(value, path);
  } else if (!isExtension(name) && !notKept.has(name.split(/[.[]/)[0] ?? '')) {
    throw invalidPath(`There is no attribute ${path}.`);
  }
}

function setName(user: ScimUser, name: Attributes): void {
  const named = [...nameParts].filter(([written]) => Object.hasOwn(name, written));
  // Nothing in it takes the whole name away.
  for (const [written, part] of named.length === 0 ? nameParts : named) {
    user[part] = textIn(name[written], `name.${written}`);
  }
}

/** A mail address in its one form, as it is kept. */
function userNameIn(value: unknown): string {
  const text = normalizeMailAddress(textIn(value, 'userName', 254) ?? '').toLowerCase();
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) {
    throw invalidValue('userName must be the mail address of the person. Map it to the mail address.');
  }
  return text;
}
