import {
  type Child,
  type DeletionRefusal,
  deleteVirtualAccount as decide,
  type Place,
} from '@estover/domain/accounts';
import { deleteVirtualAccount } from '@estover/protocol';
import { dropVirtualAccountFromGrants } from '../access/index.ts';
import { lockAccount, requireVirtualAccount, type VirtualAccountRow } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { moveEverything } from '../licenses/index.ts';
import { handOverDeliveryRules, moveUndeliveredLines } from '../orders/index.ts';
import { moveInstancesOf, revokeTokensOf } from '../product-instances/index.ts';
import { carriedTags } from './carried-tags.ts';
import { placeUnder, refusedPlace, unknownVirtualAccount } from './places.ts';
import { clearTags } from './tags-store.ts';
import {
  childrenOf,
  contentsOf,
  dropAncestry,
  lockVirtualAccounts,
  markDeleted,
  nestVirtualAccount,
} from './virtual-accounts-store.ts';

export const deleteVirtualAccountHandler = command(
  deleteVirtualAccount,
  async (context, { params, query }) => {
    const { accountId, virtualAccountId } = params;
    const { trx, now } = context;
    if (!(await lockAccount(trx, accountId))) throw notFound('account');
    const children = await childrenOf(trx, accountId, virtualAccountId);
    const doomed = await requireVirtualAccount(
      context,
      accountId,
      virtualAccountId,
      'manage-virtual-account',
      { withNested: children.length > 0 },
    );
    const heir =
      query.contentsTo === undefined
        ? null
        : await requireHeir(context, accountId, query.contentsTo, children);
    // From here on nothing new comes to either, and what is on its way is there.
    await lockVirtualAccounts(trx, accountId, [
      virtualAccountId,
      ...(heir === null ? [] : [heir.virtualAccountId]),
    ]);
    const contentsTo: Place | null =
      heir === null
        ? null
        : await placeUnder(
            trx,
            accountId,
            heir,
            children.map(({ name }) => name),
          );
    const contents = await contentsOf(trx, accountId, virtualAccountId, now);
    const { isDefault } = doomed;
    const decision = decide({ virtualAccountId, isDefault, contents, children, contentsTo });
    if (!decision.ok) throw refusedDeletion(decision, doomed, heir);

    const rules = await handOverDeliveryRules(
      trx,
      accountId,
      virtualAccountId,
      heir?.virtualAccountId ?? null,
    );
    const moved = {
      licenses: 0,
      productInstances: 0,
      children: children.length,
      tokensRevoked: 0,
      deliveryRules: rules.handedOver,
      deliveryRulesRemoved: rules.removed,
    };
    let orderLines = 0;
    if (heir !== null) {
      const to = heir.virtualAccountId;
      // Tokens first: whoever registers with one a moment earlier is there when the instances are moved.
      moved.tokensRevoked = await revokeTokensOf(context, accountId, virtualAccountId);
      orderLines = await moveUndeliveredLines(trx, accountId, virtualAccountId, to);
      moved.productInstances = await moveInstancesOf(context, accountId, virtualAccountId, to);
      moved.licenses = await moveEverything(context, accountId, virtualAccountId, to);
    }
    const tags = (await carriedTags(trx, accountId, [virtualAccountId])).get(virtualAccountId) ?? [];
    await clearTags(trx, accountId, virtualAccountId);
    // The name is free before a child takes it.
    await markDeleted(trx, accountId, { virtualAccountId, path: doomed.path, at: now });
    for (const child of decision.value.children) {
      await nestVirtualAccount(trx, accountId, { ...child, parentId: heir?.virtualAccountId ?? null });
    }
    await dropAncestry(trx, accountId, virtualAccountId);
    await dropVirtualAccountFromGrants(trx, accountId, virtualAccountId, now);

    const where = heir === null ? '' : `; what it held went to ${heir.path.join(' / ')}`;
    return {
      answer: { virtualAccountId, moved },
      event: {
        accountId,
        objectKind: 'virtual-account',
        objectId: virtualAccountId,
        virtualAccountId,
        otherVirtualAccountId: heir?.virtualAccountId ?? null,
        message: `deleted the virtual account ${doomed.path.join(' / ')}${where}`,
        before: { ...doomed, contents, children, tags },
        after: { contentsTo: heir?.virtualAccountId ?? null, moved, orderLines },
      },
    };
  },
);

/** The virtual account that takes the contents: the caller may bring licenses there, and children if there are any. */
async function requireHeir(
  context: Context,
  accountId: string,
  contentsTo: string,
  children: readonly Child[],
): Promise<VirtualAccountRow> {
  const orUnknown = () => unknownVirtualAccount(contentsTo);
  if (children.length > 0) {
    await requireVirtualAccount(context, accountId, contentsTo, 'create-nested-virtual-account', {
      orUnknown,
    });
  }
  return requireVirtualAccount(context, accountId, contentsTo, 'move-inventory', { orUnknown });
}

function refusedDeletion(
  refusal: DeletionRefusal,
  doomed: VirtualAccountRow,
  heir: VirtualAccountRow | null,
): Refused {
  const path = doomed.path.join(' / ');
  switch (refusal.code) {
    case 'default-virtual-account':
      return new Refused('default-virtual-account', `${path} is the default virtual account.`);
    case 'virtual-account-not-empty': {
      const { licenses, productInstances, tokens, openOrderLines, children } = refusal;
      const held = [
        [licenses, 'licenses'],
        [productInstances, 'product instances'],
        [tokens, 'registration tokens'],
        [openOrderLines, 'order lines not delivered yet'],
        [children, 'nested virtual accounts'],
      ] as const;
      const text = held.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
      return new Refused('virtual-account-not-empty', `${path} holds ${text.join(', ')}.`, {
        contents: { licenses, productInstances, tokens, openOrderLines, children },
      });
    }
    default:
      return refusedPlace(refusal, heir);
  }
}
