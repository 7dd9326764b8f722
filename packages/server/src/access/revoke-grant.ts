import { revokeGrant } from '@estover/protocol';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { grantAnswer, onlyVirtualAccount } from './grant-role.ts';
import { mayGiveAll } from './granting.ts';
import { deleteGrant, findGrant } from './grants-store.ts';
import { endKeysOf, keysInWords, requireAdministratorStays } from './losing-rights.ts';
import { lockAccount, scopeOf } from './scope.ts';

export const revokeGrantHandler = command(revokeGrant, async (context, { params }) => {
  const { accountId, grantId } = params;
  const { trx } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const found = await findGrant(trx, accountId, grantId, scopeOf(context, accountId, 'manage-people'));
  if (found === undefined) throw notFound('grant');
  // Whoever could give the grant may take it away; how long it would have lasted makes no difference.
  if (!(await mayGiveAll(context, accountId, [{ ...found, until: context.now }]))) {
    throw new Refused(
      'grant-exceeds-own',
      `The role ${found.role} of ${found.email} reaches further than you may manage.`,
      { role: found.role },
    );
  }
  if (found.role === 'account-administrator') {
    await requireAdministratorStays(
      context,
      accountId,
      (each) => each.grantId === grantId,
      `${found.email} is the last administrator of the account without an end who can sign in.`,
    );
  }
  await deleteGrant(trx, accountId, grantId);
  const apiKeysRevoked = await endKeysOf(context, accountId, [found.personId]);
  return {
    answer: { grantId, apiKeysRevoked },
    event: {
      accountId,
      objectKind: 'grant',
      objectId: grantId,
      virtualAccountId: onlyVirtualAccount(found),
      message: `took the role ${found.role} from ${found.email}${keysInWords(apiKeysRevoked)}`,
      before: { ...grantAnswer(found), email: found.email },
      after: { apiKeysRevoked },
    },
  };
});
