import { tokenStateAt } from '@estover/domain/product-instances';
import type { AnswerOf, revokeToken } from '@estover/protocol';
import { requireVirtualAccount } from '../access/scope.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { findToken, setTokenRevoked } from './tokens-store.ts';
import { readToken } from './tokens-view.ts';

/** Stops new registrations with a token. Instances that registered with it stay as they are. */
export async function revokeTokenCommand(
  context: Context,
  { params: { accountId, tokenId } }: Input<typeof revokeToken>,
): Promise<{ answer: AnswerOf<typeof revokeToken>; event: EventFacts }> {
  const { trx, now } = context;
  const orUnknown = () => notFound('token');
  const seen = await findToken(trx, accountId, tokenId, false);
  if (seen === undefined) throw orUnknown();
  // The virtual account is held before the token, as everywhere.
  await requireVirtualAccount(context, accountId, seen.virtualAccountId, 'manage-tokens', { orUnknown });
  const row = (await findToken(trx, accountId, tokenId, true)) ?? seen;
  const state = tokenStateAt(row, now);
  if (state !== 'active') {
    throw new Refused('token-ended', `The token is ${state}: it registers nobody any more.`, { state });
  }
  const before = await readToken(trx, accountId, tokenId, now);
  await setTokenRevoked(trx, accountId, tokenId, now);
  const token = await readToken(trx, accountId, tokenId, now);
  return {
    answer: { token },
    event: {
      accountId,
      objectKind: 'token',
      objectId: tokenId,
      virtualAccountId: row.virtualAccountId,
      message: `revoked the registration token ${token.prefix} after ${token.uses} uses`,
      before,
      after: token,
    },
  };
}
