import { attributesOf, plainName, textIn } from './attributes.ts';
import { invalidPath, invalidValue, ScimError } from './error.ts';
import { readFilter } from './filter.ts';
import type { PatchStep } from './patch.ts';

export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** So many members one PATCH names at most. */
export const mostMembers = 1_000;

/** A group as an identity provider may change it: who is in it, and what it calls the group itself. */
export interface ScimGroup {
  displayName: string;
  externalId: string | null;
  /** Ids of users. */
  members: ReadonlySet<string>;
}

/**
 * Reads a whole group, as it is sent to make or replace one; `members` is absent where nothing is said of them.
 *
 * @throws ScimError `invalidSyntax`, `invalidValue`
 */
export function readGroup(body: unknown): Omit<ScimGroup, 'members'> & { members?: Set<string> } {
  const given = attributesOf(body, 'The body');
  const displayName = textIn(given['displayname'], 'displayName');
  if (displayName === null) throw invalidValue('displayName must be the name of the group.');
  const externalId = textIn(given['externalid'], 'externalId');
  const members = given['members'];
  const group = { displayName, externalId };
  return members === undefined ? group : { ...group, members: new Set(membersIn(members ?? [])) };
}

/**
 * What a group is after a PATCH. Members are added and replaced as lists, and taken out by a path with their id, or by a
 * list in the value, as some identity providers do.
 *
 * @throws ScimError `invalidPath`, `invalidValue`, `mutability`; status 413 for more than 1,000 members
 */
export function patchGroup(group: ScimGroup, steps: readonly PatchStep[]): ScimGroup {
  const after = { ...group, members: new Set(group.members) };
  let named = 0;
  const counted = (ids: string[]): string[] => {
    named += ids.length;
    if (named > mostMembers) {
      throw new ScimError(
        413,
        `One PATCH names at most ${mostMembers} members. Send the others in another one.`,
      );
    }
    return ids;
  };
  for (const step of steps) {
    const { op, path } = step;
    const attributes =
      path === null
        ? Object.entries(attributesOf(step.value, 'The value of a step without a path'))
        : ([[path, step.value]] as const);
    for (const [name, value] of attributes) {
      const attribute = plainName(name);
      if (attribute === 'members') {
        if (op === 'remove' && value === undefined) after.members.clear();
        else {
          const ids = counted(membersIn(value));
          if (op === 'replace') after.members = new Set(ids);
          else for (const id of ids) op === 'add' ? after.members.add(id) : after.members.delete(id);
        }
      } else if (attribute.startsWith('members[') && op === 'remove') {
        for (const id of counted([memberInPath(name)])) after.members.delete(id);
      } else if (attribute === 'displayname' && op !== 'remove') {
        after.displayName = textIn(value, 'displayName') ?? '';
      } else if (attribute === 'externalid') {
        after.externalId = op === 'remove' ? null : textIn(value, 'externalId');
      } else if (!(path === null && ['id', 'meta', 'schemas'].includes(attribute))) {
        throw invalidPath(`Nothing can be changed at ${name}.`);
      }
    }
  }
  return after;
}

/** The id in `members[value eq "…"]`. */
function memberInPath(path: string): string {
  try {
    const [term, ...more] = readFilter(path, ['members.value']);
    if (term !== undefined && more.length === 0) return term.value;
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
  }
  throw invalidPath(`The path ${path} must read members[value eq "…"].`);
}

function membersIn(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((each) => {
    const id = textIn(
      typeof each === 'string' ? each : attributesOf(each, 'A member')['value'],
      'members.value',
    );
    if (id === null) throw invalidValue('Each member must have the id of a user as its value.');
    return id;
  });
}
