import { placeVirtualAccount, roomForVirtualAccount } from '@estover/domain/accounts';
import { createVirtualAccount } from '@estover/protocol';
import { lockAccount, requireAccountReach, requireVirtualAccount } from '../access/scope.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { placeUnder, refusedPlace, unknownVirtualAccount } from './places.ts';
import { insertVirtualAccount, virtualAccountsOf } from './virtual-accounts-store.ts';

export const createVirtualAccountHandler = command(
  createVirtualAccount,
  async (context, { params, body }) => {
    const { accountId } = params;
    const { trx, newId, now } = context;
    if (!(await lockAccount(trx, accountId))) throw notFound('account');
    if (body.parentId === null) requireAccountReach(context, 'create-top-level-virtual-account');
    const parent =
      body.parentId === null
        ? null
        : await requireVirtualAccount(context, accountId, body.parentId, 'create-nested-virtual-account', {
            orUnknown: () => unknownVirtualAccount(body.parentId),
          });
    const { kind, virtualAccounts } = await virtualAccountsOf(trx, accountId);
    const room = roomForVirtualAccount(kind, virtualAccounts);
    if (!room.ok) {
      const { code, maximum } = room;
      throw new Refused(code, `There are ${virtualAccounts} virtual accounts, and ${maximum} is the most.`, {
        maximum,
      });
    }
    const name = body.name.normalize('NFC');
    const place = await placeUnder(trx, accountId, parent, [name]);
    const decision = placeVirtualAccount({ virtualAccountId: null, name, height: 1 }, place);
    if (!decision.ok) throw refusedPlace(decision, parent);

    const made = {
      virtualAccountId: newId(),
      parentId: body.parentId,
      name,
      description: body.description,
      accessLevel: body.accessLevel,
      isDefault: false,
      depth: decision.value.depth,
    };
    await insertVirtualAccount(trx, { ...made, accountId, createdAt: now });
    const virtualAccount = { ...made, path: [...(parent?.path ?? []), name], children: 0, tags: [] };
    return {
      answer: { virtualAccount },
      event: {
        accountId,
        objectKind: 'virtual-account',
        objectId: made.virtualAccountId,
        virtualAccountId: made.virtualAccountId,
        message: `made the virtual account ${placeInWords(virtualAccount)}`,
        after: virtualAccount,
      },
    };
  },
);
