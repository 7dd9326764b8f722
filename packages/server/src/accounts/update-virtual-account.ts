import { changeVirtualAccount, nameKey, placeVirtualAccount } from '@estover/domain/accounts';
import { updateVirtualAccount } from '@estover/protocol';
import {
  findVirtualAccount,
  lockAccount,
  requireAccountReach,
  requireVirtualAccount,
} from '../access/scope.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { placeUnder, refusedPlace, virtualAccountAnswer } from './places.ts';
import { saveProperties } from './virtual-accounts-store.ts';

export const updateVirtualAccountHandler = command(
  updateVirtualAccount,
  async (context, { params, body }) => {
    const { accountId, virtualAccountId } = params;
    const { trx } = context;
    if (!(await lockAccount(trx, accountId))) throw notFound('account');
    const before = await requireVirtualAccount(
      context,
      accountId,
      virtualAccountId,
      'manage-virtual-account',
    );
    // Which one is the default concerns the whole account: licenses go there when nobody says where.
    if (body.isDefault === true) requireAccountReach(context, 'manage-virtual-account');

    const decision = changeVirtualAccount(before, { ...body, name: body.name?.normalize('NFC') });
    if (!decision.ok) {
      throw decision.code === 'nothing-to-do'
        ? new Refused('nothing-to-do', 'The virtual account is like this already.')
        : new Refused(
            'default-virtual-account',
            'The default virtual account cannot be restricted. Make it unrestricted, or another one the default.',
          );
    }
    const after = decision.value;
    if (nameKey(after.name) !== nameKey(before.name)) {
      const parent =
        before.parentId === null
          ? null
          : ((await findVirtualAccount(trx, accountId, before.parentId)) ?? null);
      const placed = { virtualAccountId, name: after.name, height: 1 };
      const place = placeVirtualAccount(placed, await placeUnder(trx, accountId, parent, [after.name]));
      if (!place.ok) throw refusedPlace(place, parent);
    }
    await saveProperties(trx, accountId, virtualAccountId, after);

    const answer = await virtualAccountAnswer(context, accountId, virtualAccountId);
    const changed = (['name', 'description', 'accessLevel', 'isDefault'] as const).filter(
      (field) => after[field] !== before[field],
    );
    return {
      answer: { virtualAccount: answer },
      event: {
        accountId,
        objectKind: 'virtual-account',
        objectId: virtualAccountId,
        virtualAccountId,
        message: `changed ${changed.join(', ')} of ${placeInWords(before)}`,
        before: Object.fromEntries(changed.map((field) => [field, before[field]])),
        after: Object.fromEntries(changed.map((field) => [field, after[field]])),
      },
    };
  },
);
