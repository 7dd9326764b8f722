import { changeGrant, changeInWords } from '@estover/domain/access';
import { updateGrant } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { admitPerson, type Told } from './admit-person.ts';
import { grantAnswer, onlyVirtualAccount } from './grant-role.ts';
import { checkedScope, mayGiveAll, requireFuture, requireMayGive } from './granting.ts';
import { findGrant, grantsAnywhereOf, type StoredGrant, saveGrant } from './grants-store.ts';
import { mayInvite, namedAccount } from './inviting.ts';
import { endAllKeysOf, requirePartner } from './limit-to-seller.ts';
import { endKeysOf, keysInWords, requireAdministratorStays } from './losing-rights.ts';
import { findPerson } from './people-store.ts';
import { lockAccount, scopeOf } from './scope.ts';
import { saveSellerLimit, sellerLimitOf } from './seller-limits-store.ts';

export const updateGrantHandler = command(updateGrant, async (context, { params, body }) => {
  const { accountId, grantId } = params;
  const { trx, now, actor } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const found = await findGrant(trx, accountId, grantId, scopeOf(context, accountId, 'manage-people'));
  if (found === undefined || hasEnded(found, now)) throw notFound('grant');
  const { personId, role, email } = found;
  await requireMayManage(context, found);
  const before = { ...found, soldBy: await sellerLimitOf(trx, accountId, personId) };
  const others = (await grantsAnywhereOf(trx, personId, now)).filter(
    (each) => each.accountId === accountId && each.grantId !== grantId,
  );
  const until =
    body.until === undefined || body.until === null ? body.until : Temporal.Instant.from(body.until);
  requireFuture(until ?? null, now);
  const scope = await checkedScope(context, accountId, role, body.scope ?? found.scope);
  const decision = changeGrant(before, { scope, until, soldBy: body.soldBy }, others.length);
  if (!decision.ok) {
    throw decision.code === 'nothing-to-do'
      ? new Refused('nothing-to-do', `The role ${role} of ${email} is like this already.`)
      : new Refused('seller-limit-differs', `${email} has ${others.length + 1} roles in this account.`);
  }
  const { terms, changed } = decision.value;
  const rights = changed.scope || changed.until;
  // Only a limit takes away and gives nothing.
  if (rights || terms.soldBy === null) await requireMayGive(context, accountId, { role, ...terms });
  if (changed.soldBy && terms.soldBy !== null) await requirePartner(context, accountId, email);
  if (role === 'account-administrator' && (terms.until !== null || terms.soldBy !== null)) {
    await requireAdministratorStays(
      context,
      accountId,
      (each) => each.grantId === grantId && each.personId === personId,
      `${email} is the last administrator of the account without an end who can sign in.`,
    );
  }

  const { scope: reach, until: end } = terms;
  // With other rights it counts as given now, by whoever changed it.
  const by = rights ? { grantedBy: actor.name, grantedAt: now } : {};
  const after: StoredGrant = { ...found, scope: reach, until: end, ...by };
  if (rights) await saveGrant(trx, after);
  if (changed.soldBy) {
    await saveSellerLimit(trx, { accountId, personId }, terms.soldBy, { by: actor.name, at: now });
  }
  const apiKeysRevoked =
    changed.soldBy && terms.soldBy !== null
      ? await endAllKeysOf(context, accountId, personId)
      : await endKeysOf(context, accountId, [personId]);
  const told = rights ? await tellAnew(context, after) : { invitationLink: null, mailed: false };
  const answer = grantAnswer(after);
  const [place, placeBefore] = [onlyVirtualAccount(after), onlyVirtualAccount(found)];
  return {
    answer: { personId, grant: answer, soldBy: terms.soldBy, apiKeysRevoked, ...told },
    event: {
      accountId,
      objectKind: 'grant',
      objectId: grantId,
      virtualAccountId: place,
      otherVirtualAccountId: placeBefore === place ? null : placeBefore,
      message: `changed the role ${role} of ${email}${changeInWords(decision.value, before)}${keysInWords(apiKeysRevoked)}`,
      before: { ...grantAnswer(found), email, soldBy: before.soldBy },
      after: { ...answer, email, soldBy: terms.soldBy, apiKeysRevoked },
    },
  };
});

const hasEnded = ({ until }: StoredGrant, now: Temporal.Instant): boolean =>
  until !== null && Temporal.Instant.compare(until, now) <= 0;

/** Whoever could give the grant may change it; how long it lasts is judged by what it is afterwards. */
async function requireMayManage(context: Context, grant: StoredGrant & { email: string }): Promise<void> {
  if (await mayGiveAll(context, grant.accountId, [{ ...grant, until: context.now }])) return;
  throw new Refused(
    'grant-exceeds-own',
    `The role ${grant.role} of ${grant.email} reaches further than you may manage.`,
    { role: grant.role },
  );
}

/** Tells the person; the link of an earlier invitation ends with it, because it was for what there was then. */
async function tellAnew(context: Context, grant: StoredGrant): Promise<Told> {
  const { accountId, personId } = grant;
  const person = await findPerson(context.trx, personId);
  if (person === undefined) throw notFound('grant');
  const account = await namedAccount(context.trx, accountId);
  const { tell } = await admitPerson(context, account, person, mayInvite(context, accountId));
  return tell(grant);
}
