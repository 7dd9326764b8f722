import { placeVirtualAccount } from '@estover/domain/accounts';
import { moveVirtualAccount } from '@estover/protocol';
import { endKeysOf, keysInWords, peopleNestedAt } from '../access/index.ts';
import { lockAccount, requireAccountReach, requireVirtualAccount } from '../access/scope.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { accessChanges, linesOf, passagesBetween } from './access-changes.ts';
import { placeUnder, refusedPlace, unknownVirtualAccount, virtualAccountAnswer } from './places.ts';
import { ancestorsOf, heightOf, nestVirtualAccount } from './virtual-accounts-store.ts';

export const moveVirtualAccountHandler = command(moveVirtualAccount, async (context, { params, body }) => {
  const { accountId, virtualAccountId } = params;
  const { parentId } = body;
  const { trx, now } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  // Everything nested comes along, so the caller must manage all of it.
  const moved = await requireVirtualAccount(context, accountId, virtualAccountId, 'manage-virtual-account', {
    withNested: (await heightOf(trx, accountId, virtualAccountId)) > 1,
  });
  if (parentId === null) requireAccountReach(context, 'create-top-level-virtual-account');
  const parent =
    parentId === null
      ? null
      : await requireVirtualAccount(context, accountId, parentId, 'create-nested-virtual-account', {
          orUnknown: () => unknownVirtualAccount(parentId),
        });
  if (moved.parentId === parentId) {
    throw new Refused('nothing-to-do', `${moved.path.join(' / ')} is there already.`);
  }
  const placed = {
    virtualAccountId,
    name: moved.name,
    height: await heightOf(trx, accountId, virtualAccountId),
  };
  const decision = placeVirtualAccount(placed, await placeUnder(trx, accountId, parent, [moved.name]));
  if (!decision.ok) throw refusedPlace(decision, parent);

  const before = await linesOf(trx, accountId, [virtualAccountId]);
  const aboveBefore = await ancestorsOf(trx, accountId, virtualAccountId);
  await nestVirtualAccount(trx, accountId, { virtualAccountId, parentId, depth: decision.value.depth });
  const after = await linesOf(trx, accountId, [virtualAccountId]);
  const { gain, lose } = await accessChanges(trx, accountId, passagesBetween(before, after), now);
  const above = await ancestorsOf(trx, accountId, virtualAccountId);
  const left = aboveBefore.filter((id) => !above.includes(id));
  const apiKeysRevoked = await endKeysOf(context, accountId, await peopleNestedAt(trx, accountId, left));

  const answer = await virtualAccountAnswer(context, accountId, virtualAccountId);
  return {
    answer: { virtualAccount: answer, gain, lose, apiKeysRevoked },
    event: {
      accountId,
      objectKind: 'virtual-account',
      objectId: virtualAccountId,
      virtualAccountId,
      message: `moved ${placeInWords(moved)} to ${placeInWords(answer)}${keysInWords(apiKeysRevoked)}`,
      before: { parentId: moved.parentId, path: moved.path },
      after: { parentId, path: answer.path, gained: gain.length, lost: lose.length, apiKeysRevoked },
    },
  };
});
