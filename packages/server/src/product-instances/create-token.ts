import { randomBytes } from 'node:crypto';
import { type AccountKind, mayUseLicenses } from '@estover/domain/accounts';
import { mayAllowExportControlled } from '@estover/domain/product-instances';
import type { AnswerOf, createToken } from '@estover/protocol';
import { formatSecret } from '@estover/protocol/secrets';
import { requireVirtualAccount } from '../access/scope.ts';
import { requireAgreements } from '../agreements/index.ts';
import { settleAlerts } from '../alerts/index.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import type { Input } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { insertToken } from './tokens-store.ts';
import { readToken } from './tokens-view.ts';

/** Makes a registration token of a virtual account. Its secret is in this answer and nowhere else. */
export async function createTokenCommand(
  context: Context,
  { params: { accountId, virtualAccountId }, body }: Input<typeof createToken>,
): Promise<{ answer: AnswerOf<typeof createToken>; event: EventFacts }> {
  const { trx } = context;
  // Held by this, so that the virtual account is not deleted around a token that nobody would revoke any more.
  const place = await requireVirtualAccount(context, accountId, virtualAccountId, 'manage-tokens');
  const account = await trx
    .selectFrom('accounts')
    .select(['kind', 'export_category'])
    .$narrowType<{ kind: AccountKind }>()
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (account === undefined) throw notFound('account');
  if (!mayUseLicenses(account.kind)) {
    throw new Refused(
      'holding-account',
      'This account holds orders for others; no product instance registers here.',
    );
  }
  await requireAgreements(context, accountId, 'tokens');
  if (body.exportControlledAllowed && !mayAllowExportControlled(account.export_category)) {
    const detail = `not for accounts of export category ${account.export_category}`;
    throw new Refused('token-limit', `Export-controlled functionality is ${detail}.`, {
      exportCategory: account.export_category,
      errors: [{ pointer: 'body/exportControlledAllowed', detail }],
    });
  }
  const { token, secret } = await makeToken(context, { accountId, virtualAccountId }, body);
  return {
    answer: { token, secret },
    event: {
      accountId,
      objectKind: 'token',
      objectId: token.tokenId,
      virtualAccountId,
      message: `made a registration token for ${placeInWords(place)}`,
      after: token,
    },
  };
}

/**
 * Makes a token without asking for rights: for what the system offers by itself. The caller holds the virtual account, and
 * writes the event.
 */
export async function makeToken(
  context: Context,
  { accountId, virtualAccountId }: { accountId: string; virtualAccountId: string },
  body: Input<typeof createToken>['body'],
): Promise<AnswerOf<typeof createToken>> {
  const { trx, now } = context;
  const tokenId = context.newId();
  const secret = formatSecret('esrt_', accountId, randomBytes(20));
  await insertToken(trx, {
    accountId,
    tokenId,
    virtualAccountId,
    description: body.description,
    secret,
    exportControlledAllowed: body.exportControlledAllowed,
    addressRange: body.addressRange,
    createdBy: context.actor.name,
    createdAt: now,
    expiresAt: now.add({ hours: 24 * body.expiresInDays }),
    maximumUses: body.maximumUses,
  });
  // Whoever needed one again after a restore has it.
  await settleAlerts(context, [{ accountId, kind: 'tokens-ended-by-restore', cause: virtualAccountId }]);
  const token = await readToken(trx, accountId, tokenId, now);
  return { token, secret };
}
