import { correct } from '@estover/domain/licenses';
import type { AnswerOf, correctLot } from '@estover/protocol';
import { findVirtualAccount } from '../access/scope.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import type { Input } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { decideMovement } from './decide-locked.ts';
import { findLot, holdVirtualAccounts, loadHoldings } from './licenses-store.ts';
import { lotFrom } from './lot-rows.ts';
import { loadNames } from './names.ts';
import { transferAnswer } from './transfer-answer.ts';

/** The publisher withdraws part of a lot, with a reason: a return, a wrong delivery. Use does not stop it. */
export async function withdrawFromLot(
  context: Context,
  { params: { accountId }, body }: Input<typeof correctLot>,
): Promise<{ answer: AnswerOf<typeof correctLot>; event: EventFacts }> {
  const { lotId, virtualAccountId, quantity, reason } = body;
  await holdVirtualAccounts(context.trx, accountId, [virtualAccountId]);
  const place = await findVirtualAccount(context.trx, accountId, virtualAccountId);
  if (place === undefined) {
    throw new Refused('unknown-virtual-account', `There is no virtual account ${virtualAccountId}.`);
  }
  const lot = await findLot(context.trx, accountId, lotId);
  if (lot === undefined) throw new Refused('unknown-lot', `There is no lot ${lotId} in this account.`);
  const { movement } = await decideMovement(
    context,
    accountId,
    () => loadHoldings(context.trx, accountId, virtualAccountId, [lot.licenseId], [lotId]),
    (facts) =>
      correct(
        { ...facts, lots: [lotFrom(lot)], delivered: lot.delivered },
        { virtualAccountId, lotId, change: 'withdraw', quantity, reason },
        context.now,
      ),
  );
  const names = await loadNames(context.trx, accountId, 'everything', [], [lot.licenseId]);
  const { name } = names.licenseOf(lot.licenseId);
  return transferAnswer(context, accountId, movement, () => lot.licenseId, {
    virtualAccountId,
    message: `withdrew ${quantity} ${name} from ${placeInWords(place)}: ${reason}`,
  });
}
