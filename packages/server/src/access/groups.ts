import { changeGroup } from '@estover/domain/access';
import type { group as groupShape } from '@estover/protocol';
import { createGroup, deleteGroup, updateGroup } from '@estover/protocol';
import type { z } from 'zod';
import type { Context } from '../edge/context.ts';
import { command, type Handler } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { refuseForLimitedUse } from './account-room.ts';
import { onlyVirtualAccount } from './grant-role.ts';
import { checkedScope, mayGiveAll, requireFuture, requireMayGive } from './granting.ts';
import {
  dropGroup,
  findGroup,
  groupNamesLike,
  insertGroup,
  peopleIn,
  type StoredGroup,
  saveGroup,
} from './groups-store.ts';
import { inviteAgain } from './inviting.ts';
import { endKeysOf, keysInWords, requireAdministratorStays } from './losing-rights.ts';
import { lockAccount, scopeOf } from './scope.ts';

export const groupHandlers: readonly Handler[] = [
  command(createGroup, async (context, { params, body }) => {
    const { accountId } = params;
    const { trx, now, newId, actor } = context;
    if (!(await lockAccount(trx, accountId))) throw notFound('account');
    const scope = await checkedScope(context, accountId, body.role, body.scope);
    const until = body.until === undefined ? null : Temporal.Instant.from(body.until);
    requireFuture(until, now);
    await refuseForLimitedUse(context, accountId, 'groups');
    const wanted = { role: body.role, scope, until };
    await requireMayGive(context, accountId, wanted);
    const [taken] = await groupNamesLike(trx, accountId, body.name, null);
    if (taken !== undefined) throw nameTaken(taken);
    const made: StoredGroup = {
      accountId,
      groupId: newId(),
      name: body.name,
      ...wanted,
      provisioned: false,
      people: 0,
      madeBy: actor.name,
      madeAt: now,
    };
    await insertGroup(trx, made);
    const answer = groupAnswer(made);
    return {
      answer: { group: answer },
      event: { ...eventOf(made), message: `made the group ${made.name} as ${made.role}`, after: answer },
    };
  }),

  command(updateGroup, async (context, { params, body }) => {
    const { accountId, groupId } = params;
    const { trx, now } = context;
    if (!(await lockAccount(trx, accountId))) throw notFound('account');
    const before = await requireGroup(context, accountId, groupId);
    const role = body.role ?? before.role;
    const scope = await checkedScope(context, accountId, role, body.scope ?? before.scope);
    const until =
      body.until === undefined || body.until === null ? body.until : Temporal.Instant.from(body.until);
    const others = await groupNamesLike(trx, accountId, body.name ?? before.name, groupId);
    const change = { name: body.name, role, scope, until, provisioned: body.provisioned };
    const decision = changeGroup(before, change, others);
    if (!decision.ok) {
      if (decision.code === 'name-taken') throw nameTaken(decision.name);
      if (decision.code === 'nothing-to-do') {
        throw new Refused('nothing-to-do', `The group ${before.name} is like this already.`);
      }
      throw new Refused('scope-not-for-role', `The role ${role} is not granted there.`, { role });
    }
    const after = { ...before, ...decision.value.group };
    if (decision.value.entrusted) await requireMayGive(context, accountId, after);
    if (decision.value.rights) {
      requireFuture(until ?? null, now);
      await requireMayGive(context, accountId, after);
      if (after.role !== 'account-administrator' || after.until !== null) {
        await requireAdministratorInGroupStays(context, before);
      }
    }
    await saveGroup(trx, after);
    const apiKeysRevoked = decision.value.rights
      ? await endKeysOf(context, accountId, await peopleIn(trx, accountId, groupId))
      : [];
    const invitedAgain = decision.value.rights ? await inviteAgain(context, after) : [];
    const answer = groupAnswer(after);
    return {
      answer: { group: answer, apiKeysRevoked, invitedAgain },
      event: {
        ...eventOf(after),
        message: `changed the group ${before.name}${after.name === before.name ? '' : ` to ${after.name}`}${keysInWords(apiKeysRevoked)}`,
        before: groupAnswer(before),
        after: { ...answer, apiKeysRevoked, invitedAgain: invitedAgain.map(({ email }) => email) },
      },
    };
  }),

  command(deleteGroup, async (context, { params }) => {
    const { accountId, groupId } = params;
    const { trx } = context;
    if (!(await lockAccount(trx, accountId))) throw notFound('account');
    const before = await requireGroup(context, accountId, groupId);
    await requireAdministratorInGroupStays(context, before);
    const personIds = await peopleIn(trx, accountId, groupId);
    await dropGroup(trx, accountId, groupId);
    const apiKeysRevoked = await endKeysOf(context, accountId, personIds);
    return {
      answer: { groupId, apiKeysRevoked },
      event: {
        ...eventOf(before),
        message: `deleted the group ${before.name}${keysInWords(apiKeysRevoked)}`,
        before: { ...groupAnswer(before), personIds },
        after: { apiKeysRevoked },
      },
    };
  }),
];

/**
 * A group that the caller may manage: one whose whole role and scope they could give. What they see of it and may not
 * manage is refused, what they do not see is not there.
 */
export async function requireGroup(
  context: Context,
  accountId: string,
  groupId: string,
): Promise<StoredGroup> {
  const found = await findGroup(
    context.trx,
    accountId,
    groupId,
    scopeOf(context, accountId, 'manage-people'),
  );
  if (found === undefined) throw notFound('group');
  // How long it lasts makes no difference for taking away; who gives more is asked again for what they give.
  if (await mayGiveAll(context, accountId, [{ ...found, until: context.now }])) return found;
  throw new Refused(
    'grant-exceeds-own',
    `The group ${found.name} with the role ${found.role} reaches further than you may manage.`,
    { role: found.role },
  );
}

/** What an event of a group is about. */
export const eventOf = (group: StoredGroup) => ({
  accountId: group.accountId,
  objectKind: 'group',
  objectId: group.groupId,
  virtualAccountId: onlyVirtualAccount(group),
});

export const groupAnswer = (group: StoredGroup): z.output<typeof groupShape> => ({
  groupId: group.groupId,
  name: group.name,
  role: group.role,
  scope: group.scope,
  until: group.until?.toString() ?? null,
  provisioned: group.provisioned,
  people: group.people,
  madeBy: group.madeBy,
  madeAt: group.madeAt.toString(),
});

const nameTaken = (name: string): Refused =>
  new Refused('name-taken', `There is a group ${name} in this account already.`, { name });

const requireAdministratorInGroupStays = (context: Context, { accountId, groupId, name }: StoredGroup) =>
  requireAdministratorStays(
    context,
    accountId,
    ({ grantId }) => grantId === groupId,
    `The last administrators of the account without an end who can sign in are in the group ${name}.`,
  );
