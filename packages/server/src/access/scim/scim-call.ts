import { createHash } from 'node:crypto';
import { invalidValue, listSchema, mostResults, ScimError } from '@estover/protocol/scim';
import type { Context } from '../../edge/context.ts';
import type { ProvisionedAccount } from './provisioned-people-store.ts';

/** A request of an identity provider that may do what it asks for, inside its transaction. */
export interface ScimCall {
  context: Context;
  account: ProvisionedAccount & { name: string };
  /** The address below which the account's resources are. */
  base: string;
  /** The id in the path; empty for lists. */
  id: string;
  query: Readonly<Record<string, string>>;
  body: unknown;
  /** `If-Match` of a change. */
  ifMatch: string | undefined;
}

export interface ScimAnswer {
  status: 200 | 201 | 204;
  /** Absent with 204. */
  body?: ScimResource;
  version?: string;
  location?: string;
}

export type ScimResource = Record<string, unknown>;

/** The version of a resource (RFC 7644 §3.14): it changes with whatever of it is shown. */
export const versionOf = (resource: ScimResource): string =>
  `W/"${createHash('sha256').update(JSON.stringify(resource)).digest('base64url').slice(0, 27)}"`;

/** A resource with its version and address in its `meta`. */
export function withVersion(resource: ScimResource & { meta: ScimResource }): {
  resource: ScimResource;
  version: string;
  location: string;
} {
  const version = versionOf(resource);
  const meta = { ...resource.meta, version };
  return { resource: { ...resource, meta }, version, location: String(resource.meta['location']) };
}

/**
 * Refuses a change of something that is not any more as the caller saw it.
 *
 * @throws ScimError status 412
 */
export function requireVersion({ ifMatch }: Pick<ScimCall, 'ifMatch'>, version: string): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  if (ifMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === version.replace(/^W\//, '')))
    return;
  throw new ScimError(412, 'It was changed meanwhile. Read it again and decide anew.');
}

/** The part of a list that is asked for (RFC 7644 §3.4.2.4), counted from 1. */
export function pageOf(query: ScimCall['query']): { startIndex: number; count: number } {
  const number = (name: string, otherwise: number): number => {
    const given = query[name];
    if (given === undefined || given === '') return otherwise;
    if (!/^-?\d{1,9}$/.test(given)) throw invalidValue(`${name} must be a whole number.`);
    return Number(given);
  };
  return {
    startIndex: Math.max(1, number('startIndex', 1)),
    count: Math.min(mostResults, Math.max(0, number('count', 100))),
  };
}

export const listAnswer = (
  query: ScimCall['query'],
  totalResults: number,
  resources: readonly ScimResource[],
): ScimAnswer => ({
  status: 200,
  body: {
    schemas: [listSchema],
    totalResults,
    startIndex: pageOf(query).startIndex,
    itemsPerPage: resources.length,
    Resources: resources.map((resource) => chosenPart(query, resource)),
  },
});

const namesIn = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase().split('.')[0] ?? '')
    .filter((name) => name !== '');

/** Whether members of groups are wanted; reading them costs more than all else. */
export const wantsMembers = (query: ScimCall['query']): boolean =>
  !namesIn(query['excludedAttributes']).includes('members');

/** What is wanted of a resource: `attributes`, or all without `excludedAttributes` (RFC 7644 §3.9), by whole attributes. */
export function chosenPart(query: ScimCall['query'], resource: ScimResource): ScimResource {
  const wanted = namesIn(query['attributes']);
  const unwanted = namesIn(query['excludedAttributes']);
  const always = ['id', 'schemas'];
  return Object.fromEntries(
    Object.entries(resource).filter(([name]) => {
      const key = name.toLowerCase();
      if (always.includes(key)) return true;
      return wanted.length > 0 ? wanted.includes(key) : !unwanted.includes(key);
    }),
  );
}

/** One value for each attribute of a filter; null where two values of one have to hold, which nothing does. */
export function oneOfEach<Name extends string>(
  terms: readonly { attribute: Name; value: string }[],
): Partial<Record<Name, string>> | null {
  const values: Partial<Record<Name, string>> = {};
  for (const { attribute, value } of terms) {
    if (values[attribute] !== undefined && values[attribute] !== value) return null;
    values[attribute] = value;
  }
  return values;
}
