import { administratorMayLeave } from '@estover/domain/access';
import { revokeGrant } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { endPreviousSecretsOf, type LivingKey, lockKeysMadeBy, setApiKeyRevoked } from './api-keys-store.ts';
import { grantAnswer, onlyVirtualAccount } from './grant-role.ts';
import { mayGiveAll } from './granting.ts';
import { administratorsOf, deleteGrant, findGrant, loadGrants } from './grants-store.ts';
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
    const administrators = await administratorsOf(trx, accountId, context.now);
    if (!administratorMayLeave(grantId, administrators)) {
      throw new Refused(
        'last-administrator',
        `${found.email} is the last administrator of the account without an end who can sign in.`,
      );
    }
  }
  await deleteGrant(trx, accountId, grantId);
  const ended = await endKeysOf(context, accountId, found.personId);
  return {
    answer: { grantId, apiKeysRevoked: ended.map(({ apiKeyId, name }) => ({ apiKeyId, name })) },
    event: {
      accountId,
      objectKind: 'grant',
      objectId: grantId,
      virtualAccountId: onlyVirtualAccount(found),
      message: `took the role ${found.role} from ${found.email}${ended.length === 0 ? '' : `, and revoked ${ended.length === 1 ? 'an API key' : `${ended.length} API keys`} they made with it`}`,
      before: { ...grantAnswer(found), email: found.email },
      after: { apiKeysRevoked: ended.map(({ apiKeyId, name }) => ({ apiKeyId, name })) },
    },
  };
});

/**
 * Whoever made a key knows its secret. So the keys of a person that they could not make any more, with the grants they
 * have left, end with the grant; the others stay.
 */
async function endKeysOf(
  { trx, now }: Pick<Context, 'trx' | 'now'>,
  accountId: string,
  personId: string,
): Promise<LivingKey[]> {
  await endPreviousSecretsOf(trx, accountId, personId, now);
  const keys = await lockKeysMadeBy(trx, accountId, personId, now);
  if (keys.length === 0) return [];
  const left = {
    trx,
    grants: await loadGrants(trx, accountId, personId, now),
    actor: { kind: 'person' },
  } as const;
  const ended: LivingKey[] = [];
  for (const key of keys) {
    if (await mayGiveAll(left, accountId, [{ ...key, until: key.expiresAt }])) continue;
    await setApiKeyRevoked(trx, key.apiKeyId, now);
    ended.push(key);
  }
  return ended;
}
