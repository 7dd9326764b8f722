import type { Context } from '../../edge/context.ts';
import { Refused } from '../../edge/refused.ts';
import { mayGiveAll } from '../granting.ts';
import { findGroup, type StoredGroup } from '../groups-store.ts';
import { scopeOf } from '../scope.ts';
import { addMembers, dropWaitingGroups, waitingGroups } from './provisioned-groups-store.ts';

/**
 * Puts a person who is activated again into the provisioned groups in which the identity provider has them; that is
 * granting what these give now. Their names.
 *
 * @throws Refused `grant-exceeds-own`
 */
export async function restoreGroups(
  context: Context,
  accountId: string,
  personId: string,
): Promise<string[]> {
  const { trx, actor, now } = context;
  const groups: StoredGroup[] = [];
  for (const groupId of await waitingGroups(trx, accountId, personId)) {
    const group = await findGroup(trx, accountId, groupId, scopeOf(context, accountId, 'manage-people'));
    if (group !== undefined) groups.push(group);
  }
  for (const group of groups) await requireMayAdd(context, group);
  await dropWaitingGroups(trx, accountId, personId);
  for (const group of groups)
    await addMembers(trx, group, { personIds: [personId], by: actor.name, at: now });
  return groups.map(({ name }) => name);
}

/**
 * Nobody grants more, or for longer, than they hold: an identity provider no more than its client.
 *
 * @throws Refused `grant-exceeds-own`
 */
export async function requireMayAdd(context: Context, group: StoredGroup): Promise<void> {
  if (await mayGiveAll(context, group.accountId, [group])) return;
  const end = group.until === null ? 'without an end' : `until ${group.until}`;
  throw new Refused(
    'grant-exceeds-own',
    `The group ${group.name} gives the role ${group.role} ${end}, which is more than the client holds itself.`,
    { role: group.role },
  );
}
