import { groupNameKey } from '@estover/domain/access';
import {
  groupSchema,
  invalidValue,
  patchGroup,
  readFilter,
  readGroup,
  readPatch,
  ScimError,
  type ScimGroup,
} from '@estover/protocol/scim';
import { recordCommandEvent } from '../../audit/record-event.ts';
import { Refused } from '../../edge/refused.ts';
import { eventOf, requireGroup } from '../groups.ts';
import { groupNamesLike, type StoredGroup } from '../groups-store.ts';
import { inviteAgain } from '../inviting.ts';
import { type EndedKey, endKeysOf, keysInWords, requireAdministratorStays } from '../losing-rights.ts';
import {
  addMembers,
  countProvisionedGroups,
  listProvisionedGroups,
  membersOf,
  type ProvisionedGroup,
  removeMembers,
  saveExternalId,
} from './provisioned-groups-store.ts';
import { listProvisionedPeople } from './provisioned-people-store.ts';
import { requireMayAdd } from './restore-groups.ts';
import {
  chosenPart,
  listAnswer,
  oneOfEach,
  pageOf,
  requireVersion,
  type ScimAnswer,
  type ScimCall,
  wantsMembers,
  withVersion,
} from './scim-call.ts';

type Member = { personId: string; email: string };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export async function listGroups({ context, account, base, query }: ScimCall): Promise<ScimAnswer> {
  const { trx } = context;
  const { accountId } = account;
  const names = ['displayName', 'externalId', 'id', 'members.value'] as const;
  const asked = query['filter'] === undefined ? {} : oneOfEach(readFilter(query['filter'], names));
  if (asked === null || (asked.id !== undefined && !uuid.test(asked.id))) return listAnswer(query, 0, []);
  const { id: groupId, 'members.value': memberId, ...others } = asked;
  const filter = {
    ...others,
    ...(groupId === undefined ? {} : { groupId }),
    ...(memberId === undefined ? {} : { memberId }),
  };
  const { startIndex, count } = pageOf(query);
  const total = await countProvisionedGroups(trx, accountId, filter);
  const page = { offset: startIndex - 1, limit: count };
  const groups = count === 0 ? [] : await listProvisionedGroups(trx, accountId, filter, page);
  if (!wantsMembers(query)) {
    // Without its members nothing can be said of a group's version.
    const bare = groups.map((group) => groupWithout(base, group));
    return listAnswer(query, total, bare);
  }
  const members = Map.groupBy(
    await membersOf(
      trx,
      account,
      groups.map(({ groupId: each }) => each),
    ),
    ({ groupId: each }) => each,
  );
  return listAnswer(
    query,
    total,
    groups.map((group) => groupResource(base, group, members.get(group.groupId) ?? []).resource),
  );
}

export async function getGroup(call: ScimCall): Promise<ScimAnswer> {
  const group = await requireProvisioned(call);
  const members = await membersOf(call.context.trx, call.account, [group.groupId]);
  const { resource, version, location } = groupResource(call.base, group, members);
  return { status: 200, body: chosenPart(call.query, resource), version, location };
}

/** Which groups there are and what they give is said in the console. */
export async function refuseNewGroup({ context, account, body }: ScimCall): Promise<never> {
  const { displayName } = readGroup(body);
  const filter = { displayName };
  if ((await countProvisionedGroups(context.trx, account.accountId, filter)) > 0) {
    throw new ScimError(409, `There is a group ${displayName} already. Match it by its name.`, 'uniqueness');
  }
  const [other] = await groupNamesLike(context.trx, account.accountId, displayName, null);
  throw new ScimError(
    403,
    other === undefined
      ? `Groups are made in the console, where they get their role. Make ${displayName} there and mark it as provisioned.`
      : `The group ${other} is not marked as provisioned. An administrator can do that in the console.`,
  );
}

export async function refuseGroupDeletion(call: ScimCall): Promise<never> {
  const { displayName } = await requireProvisioned(call);
  throw new ScimError(
    403,
    `Groups are deleted in the console. To empty ${displayName}, take its members out.`,
  );
}

export async function replaceGroup(call: ScimCall): Promise<ScimAnswer> {
  return changeGroup(call, (before) => ({ members: before.members, ...readGroup(call.body) }));
}

export async function updateGroup(call: ScimCall): Promise<ScimAnswer> {
  return changeGroup(call, (before) => patchGroup(before, readPatch(call.body)));
}

/** Changes who is in a group, as far as the identity provider may know of them; others in it stay. */
async function changeGroup(call: ScimCall, change: (before: ScimGroup) => ScimGroup): Promise<ScimAnswer> {
  const { context, account, base } = call;
  const { trx, now, actor } = context;
  const stored = await requireChangeable(call);
  const group = await requireProvisioned(call);
  const present = await membersOf(trx, account, [group.groupId]);
  requireVersion(call, groupResource(base, group, present).version);
  const before = { ...group, members: new Set(present.map(({ personId }) => personId)) };
  const after = change(before);
  if (groupNameKey(after.displayName) !== groupNameKey(group.displayName)) {
    throw new ScimError(400, 'Groups get their names in the console.', 'mutability');
  }
  const added = await requirePeople(
    call,
    [...after.members].filter((id) => !before.members.has(id)),
  );
  const removed = present.filter(({ personId }) => !after.members.has(personId));
  if (added.length > 0) {
    if (stored.until !== null && Temporal.Instant.compare(stored.until, now) <= 0) {
      throw new Refused('group-ended', `The role of the group ${stored.name} ended at ${stored.until}.`);
    }
    await requireMayAdd(context, stored);
    await addMembers(trx, stored, { personIds: idsOf(added), by: actor.name, at: now });
    // Links that came by mail are nobody else's; others were shown to whoever invited them to less.
    if (!context.mailer.isConfigured) await inviteAgain(context, stored, idsOf(added));
  }
  const apiKeysRevoked = removed.length === 0 ? [] : await takeOut(call, stored, idsOf(removed));
  const isRenamed = after.externalId !== group.externalId;
  if (isRenamed) await saveExternalId(trx, account.accountId, group.groupId, after.externalId);
  if (added.length + removed.length > 0 || isRenamed) {
    await recordCommandEvent(context, 'updateProvisionedGroup', {
      ...eventOf(stored),
      message: `${changeInWords(group.displayName, added, removed)}${keysInWords(apiKeysRevoked)}`,
      before: { externalId: group.externalId },
      after: {
        externalId: after.externalId,
        added: added.map(({ email }) => email),
        removed: removed.map(({ email }) => email),
        apiKeysRevoked,
      },
    });
  }
  const members = await membersOf(trx, account, [group.groupId]);
  const { resource, version, location } = groupResource(base, await requireProvisioned(call), members);
  return { status: 200, body: chosenPart(call.query, resource), version, location };
}

async function takeOut({ context }: ScimCall, group: StoredGroup, personIds: string[]): Promise<EndedKey[]> {
  const { accountId, groupId } = group;
  const leaving = new Set(personIds);
  await requireAdministratorStays(
    context,
    accountId,
    (each) => each.grantId === groupId && leaving.has(each.personId),
    'The last administrator of the account without an end who can sign in is among them.',
  );
  await removeMembers(context.trx, group, personIds);
  return endKeysOf(context, accountId, personIds);
}

/** The people with these ids; whoever is nobody in this account is no member. */
async function requirePeople({ context, account }: ScimCall, personIds: string[]): Promise<Member[]> {
  if (personIds.length === 0) return [];
  const page = { offset: 0, limit: personIds.length, now: context.now };
  const people = await listProvisionedPeople(context.trx, account, { personIds }, page);
  const known = new Set(idsOf(people));
  const unknown = personIds.find((id) => !known.has(id));
  if (unknown !== undefined) throw invalidValue(`There is no user ${unknown} in this account.`);
  return people.map(({ personId, userName }) => ({ personId, email: userName }));
}

/** A group that is marked as provisioned; others are not there for an identity provider. */
async function requireProvisioned({ context, account, id }: ScimCall): Promise<ProvisionedGroup> {
  const page = { offset: 0, limit: 1 };
  const [group] = uuid.test(id)
    ? await listProvisionedGroups(context.trx, account.accountId, { groupId: id }, page)
    : [];
  if (group === undefined) throw new ScimError(404, 'There is no such provisioned group in this account.');
  return group;
}

/** The same group as the console knows it, for changing who is in it. */
async function requireChangeable({ context, account, id }: ScimCall): Promise<StoredGroup> {
  if (!uuid.test(id)) throw new ScimError(404, 'There is no such provisioned group in this account.');
  const group = await requireGroup(context, account.accountId, id);
  if (group.provisioned) return group;
  throw new ScimError(
    403,
    `The group ${group.name} is not marked as provisioned. An administrator can do that in the console.`,
  );
}

const idsOf = (people: readonly { personId: string }[]): string[] => people.map(({ personId }) => personId);

function changeInWords(name: string, added: readonly Member[], removed: readonly Member[]): string {
  const some = (people: readonly Member[]) =>
    people.length <= 3 ? people.map(({ email }) => email).join(', ') : `${people.length} people`;
  if (added.length === 0 && removed.length === 0) return `changed the external id of the group ${name}`;
  if (removed.length === 0) return `added ${some(added)} to the group ${name}`;
  if (added.length === 0) return `took ${some(removed)} out of the group ${name}`;
  return `added ${some(added)} to the group ${name}, and took ${some(removed)} out`;
}

const groupWithout = (base: string, { groupId, displayName, externalId, madeAt }: ProvisionedGroup) => ({
  schemas: [groupSchema],
  id: groupId,
  ...(externalId === null ? {} : { externalId }),
  displayName,
  meta: { resourceType: 'Group', created: madeAt.toString(), location: `${base}/Groups/${groupId}` },
});

const groupResource = (base: string, group: ProvisionedGroup, members: readonly Member[]) =>
  withVersion({
    ...groupWithout(base, group),
    members: members.map(({ personId, email }) => ({
      value: personId,
      display: email,
      $ref: `${base}/Users/${personId}`,
    })),
  });
