import { isDeepStrictEqual } from 'node:util';
import { mayProvision } from '@estover/domain/access';
import {
  invalidValue,
  patchUser,
  readFilter,
  readPatch,
  readUser,
  ScimError,
  type ScimUser,
  userSchema,
} from '@estover/protocol/scim';
import { recordCommandEvent } from '../../audit/record-event.ts';
import { admitPerson } from '../admit-person.ts';
import { mayInvite } from '../inviting.ts';
import { keysInWords } from '../losing-rights.ts';
import { mailKey } from '../people-store.ts';
import { type EndedRights, endMembership } from './end-membership.ts';
import {
  countProvisionedPeople,
  deleteProvisionedPerson,
  listProvisionedPeople,
  type ProvisionedPerson,
  saveProvisionedPerson,
} from './provisioned-people-store.ts';
import { restoreGroups } from './restore-groups.ts';
import {
  chosenPart,
  listAnswer,
  oneOfEach,
  pageOf,
  requireVersion,
  type ScimAnswer,
  type ScimCall,
  withVersion,
} from './scim-call.ts';

export async function listUsers({ context, account, base, query }: ScimCall): Promise<ScimAnswer> {
  const { trx, now } = context;
  const names = ['userName', 'externalId', 'displayName', 'id'] as const;
  const asked = query['filter'] === undefined ? {} : oneOfEach(readFilter(query['filter'], names));
  if (asked === null) return listAnswer(query, 0, []);
  const { id, userName, ...others } = asked;
  const filter = {
    ...others,
    ...(id === undefined ? {} : { personIds: [id] }),
    ...(userName === undefined ? {} : { userName: mailKey(userName) }),
  };
  const { startIndex, count } = pageOf(query);
  const total = await countProvisionedPeople(trx, account, filter, now);
  const page = { offset: startIndex - 1, limit: count, now };
  const people = count === 0 ? [] : await listProvisionedPeople(trx, account, filter, page);
  return listAnswer(
    query,
    total,
    people.map((person) => userResource(base, person).resource),
  );
}

export async function getUser(call: ScimCall): Promise<ScimAnswer> {
  return userAnswer(call, 200, await requireUser(call));
}

export async function createUser(call: ScimCall): Promise<ScimAnswer> {
  const { context, account, body } = call;
  const { trx, now } = context;
  const given = readUser(body);
  const user: ScimUser = { ...given, active: given.active ?? true };
  const { userName } = user;
  if (!mayProvision(userName, account.domains)) {
    throw invalidValue(
      `${userName} is not in a mail domain of this account (${account.domains.join(', ')}). Invite them in the console.`,
    );
  }
  const [there] = await listProvisionedPeople(trx, account, { userName }, { offset: 0, limit: 1, now });
  if (there !== undefined) {
    throw new ScimError(409, `${userName} belongs to this account already.`, 'uniqueness');
  }
  const name = nameOf(user);
  const admitted = await admitPerson(
    context,
    account,
    { name, email: userName },
    mayInvite(context, account.accountId),
  );
  const { personId } = admitted.person;
  await saveProvisionedPerson(trx, account.accountId, personId, user, now);
  if (user.active && admitted.isInvited) await admitted.invite();
  await recordCommandEvent(context, 'provisionPerson', {
    accountId: account.accountId,
    objectKind: 'person',
    objectId: personId,
    message: `provisioned ${userName}${user.active ? '' : ', not active'}`,
    after: user,
  });
  return userAnswer(call, 201, await requireUser({ ...call, id: personId }));
}

export async function replaceUser(call: ScimCall): Promise<ScimAnswer> {
  const person = await requireUser(call);
  const given = readUser(call.body);
  return changeUser(call, person, { ...given, active: given.active ?? person.active });
}

export async function updateUser(call: ScimCall): Promise<ScimAnswer> {
  const person = await requireUser(call);
  return changeUser(call, person, patchUser(saidOf(person), readPatch(call.body)));
}

export async function deleteUser(call: ScimCall): Promise<ScimAnswer> {
  const { context, account } = call;
  const person = await requireUser(call);
  requireVersion(call, userResource(call.base, person).version);
  const ended = await endMembership(context, account.accountId, person);
  await deleteProvisionedPerson(context.trx, account.accountId, person.personId);
  await recordCommandEvent(context, 'deprovisionPerson', {
    accountId: account.accountId,
    objectKind: 'person',
    objectId: person.personId,
    message: `took ${person.userName} out of the account${endedInWords(ended)}`,
    before: { ...saidOf(person), roles: ended.roles, groups: ended.groups },
    after: { apiKeysRevoked: ended.apiKeysRevoked },
  });
  return { status: 204 };
}

/** Changes what is said of a person; what is said already changes nothing and is no event. */
async function changeUser(call: ScimCall, person: ProvisionedPerson, user: ScimUser): Promise<ScimAnswer> {
  const { context, account, base } = call;
  const { trx, now } = context;
  const { personId } = person;
  requireVersion(call, userResource(base, person).version);
  if (user.userName !== person.userName) {
    throw new ScimError(
      400,
      'userName cannot be changed: it is how the person signs in. Delete this user and make another one.',
      'mutability',
    );
  }
  const before = saidOf(person);
  if (isDeepStrictEqual(user, before)) return userAnswer(call, 200, person);
  await saveProvisionedPerson(trx, account.accountId, personId, user, now);
  const event = { accountId: account.accountId, objectKind: 'person', objectId: personId };
  if (before.active && !user.active) {
    const { apiKeysRevoked, ...ended } = await endMembership(context, account.accountId, person);
    await recordCommandEvent(context, 'updateProvisionedPerson', {
      ...event,
      message: `deactivated ${user.userName}${endedInWords({ ...ended, apiKeysRevoked })}`,
      before: { ...before, ...ended },
      after: { ...user, apiKeysRevoked },
    });
  } else if (!before.active && user.active) {
    const groups = await restoreGroups(context, account.accountId, personId);
    const given = { name: nameOf(user), email: user.userName };
    const admitted = await admitPerson(context, account, given, mayInvite(context, account.accountId));
    if (admitted.isInvited) await admitted.invite();
    await recordCommandEvent(context, 'updateProvisionedPerson', {
      ...event,
      message: `activated ${user.userName}${groups.length === 0 ? '' : `, in ${groups.join(', ')} again`}`,
      before,
      after: { ...user, groups },
    });
  } else {
    await recordCommandEvent(context, 'updateProvisionedPerson', {
      ...event,
      message: `changed what is said of ${user.userName}`,
      before,
      after: user,
    });
  }
  return userAnswer(call, 200, await requireUser(call));
}

/** Somebody of this account; people of others are not there. */
async function requireUser({ context, account, id }: ScimCall): Promise<ProvisionedPerson> {
  const page = { offset: 0, limit: 1, now: context.now };
  const [person] = await listProvisionedPeople(context.trx, account, { personIds: [id] }, page);
  if (person === undefined) throw new ScimError(404, 'There is no such user in this account.');
  return person;
}

const saidOf = ({
  personId: _,
  isKept: __,
  createdAt: ___,
  changedAt: ____,
  ...said
}: ProvisionedPerson): ScimUser => said;

const nameOf = ({ displayName, formatted, givenName, familyName, userName }: ScimUser): string =>
  displayName ?? formatted ?? ([givenName, familyName].filter((part) => part !== null).join(' ') || userName);

function endedInWords({ roles, groups, apiKeysRevoked }: EndedRights): string {
  const parts = [
    ...(roles.length === 0 ? [] : [roles.length === 1 ? 'a role' : `${roles.length} roles`]),
    ...(groups.length === 0 ? [] : [groups.length === 1 ? 'a group' : `${groups.length} groups`]),
  ];
  return `${parts.length === 0 ? '' : ` with ${parts.join(' and ')}`}${keysInWords(apiKeysRevoked)}`;
}

function userAnswer({ base, query }: ScimCall, status: 200 | 201, person: ProvisionedPerson): ScimAnswer {
  const { resource, version, location } = userResource(base, person);
  return { status, body: chosenPart(query, resource), version, location };
}

function userResource(base: string, person: ProvisionedPerson) {
  const { givenName, familyName, formatted, displayName, externalId } = person;
  const name = {
    ...(formatted === null ? {} : { formatted }),
    ...(givenName === null ? {} : { givenName }),
    ...(familyName === null ? {} : { familyName }),
  };
  return withVersion({
    schemas: [userSchema],
    id: person.personId,
    ...(externalId === null ? {} : { externalId }),
    userName: person.userName,
    ...(Object.keys(name).length === 0 ? {} : { name }),
    ...(displayName === null ? {} : { displayName }),
    emails: [{ value: person.userName, type: 'work', primary: true }],
    active: person.active,
    meta: {
      resourceType: 'User',
      created: person.createdAt.toString(),
      lastModified: person.changedAt.toString(),
      location: `${base}/Users/${person.personId}`,
    },
  });
}
