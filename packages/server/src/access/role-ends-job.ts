import { dueNotice, endedToldForDays, noticeDays, type RoleEndNotice } from '@estover/domain/access';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Context } from '../edge/context.ts';
import { type QueueContext, queueMail } from '../notifications/index.ts';
import { administratorsToTell, type EndingRole, noteTold, rolesEnding } from './role-ends-store.ts';

type Dependencies = Pick<Context, 'installation' | 'mailer' | 'newId'> & {
  db: Database;
  now(): Temporal.Instant;
};

type Due = EndingRole & { notice: RoleEndNotice };

/**
 * Tells people by mail that a role of theirs ends in 14 days, in 3 days, or has ended, and the administrators of the account
 * of all who are concerned, in one mail. Each is told once, however often this runs and on however many servers. Returns
 * how many ends were told of.
 */
export async function tellRoleEnds({
  db,
  now: clock,
  newId,
  installation,
  mailer,
}: Dependencies): Promise<number> {
  const told = await inTransaction(db, async (trx) => {
    const now = clock();
    const context: QueueContext = { trx, now, newId, installation, mailer, afterCommit: () => {} };
    const ending = await rolesEnding(trx, {
      from: now.subtract({ hours: 24 * endedToldForDays }),
      to: now.add({ hours: 24 * noticeDays['14-days'] }),
    });
    const due = ending.flatMap((role): Due[] => {
      const notice = dueNotice(role, role.told, now);
      return notice === null ? [] : [{ ...role, notice }];
    });
    const noted = await noteTold(trx, due, now);
    for (const role of noted) await tellPerson(context, role);
    for (const [accountId, roles] of Map.groupBy(noted, (role) => role.accountId)) {
      await tellAdministrators(context, accountId, roles);
    }
    return noted.length;
  });
  if (told > 0) mailer.wake();
  return told;
}

const factsOf = ({ role, until, notice }: Due) => ({
  role,
  until: until.toString(),
  hasEnded: notice === 'ended',
});

async function tellPerson(context: QueueContext, due: Due): Promise<void> {
  const { publicUrl } = context.installation;
  const content = {
    kind: 'role-ending',
    accountName: due.accountName,
    ...factsOf(due),
    link: due.notice === 'ended' ? `${publicUrl}/request-access` : `${publicUrl}/accounts/${due.accountId}`,
  } as const;
  await queueMail(context, { to: due.email, accountId: due.accountId, content });
}

async function tellAdministrators(
  context: QueueContext,
  accountId: string,
  roles: readonly Due[],
): Promise<void> {
  const [first] = roles;
  if (first === undefined) return;
  for (const to of await administratorsToTell(context.trx, accountId, context.now)) {
    // Of their own role the person's mail has told them.
    const others = roles.filter(({ email }) => email !== to);
    if (others.length === 0) continue;
    const content = {
      kind: 'roles-ending',
      accountName: first.accountName,
      roles: others.map((role) => ({ who: `${role.name} (${role.email})`, ...factsOf(role) })),
      link: `${context.installation.publicUrl}/accounts/${accountId}/people`,
    } as const;
    await queueMail(context, { to, accountId, content });
  }
}
