import {
  type Contents,
  type DeletionRefusal,
  deleteVirtualAccount as decide,
} from '@estover/domain/accounts';
import { deleteVirtualAccount } from '@estover/protocol';
import { dropVirtualAccountFromGrants, endKeysOf, keysInWords, peopleNestedAt } from '../access/index.ts';
import { lockAccount, requireVirtualAccount, type VirtualAccountRow } from '../access/scope.ts';
import { requireAgreements } from '../agreements/index.ts';
import type { Context } from '../edge/context.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { moveEverything } from '../licenses/index.ts';
import { handOverDeliveryRules, moveUndeliveredLines } from '../orders/index.ts';
import { moveInstancesOf, moveTokensOf, revokeTokensOf } from '../product-instances/index.ts';
import { accessChanges, type Line, linesOf, passagesBetween } from './access-changes.ts';
import { carriedTags } from './carried-tags.ts';
import { type Heirs, heirsIn, requireHeirs, whereWords } from './heirs.ts';
import { placeUnder, refusedPlace } from './places.ts';
import { clearTags } from './tags-store.ts';
import {
  ancestorsOf,
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
    const heirs = await requireHeirs(context, accountId, query, children.length > 0);
    // From here on nothing new comes to any of them, and what is on its way is there.
    await lockVirtualAccounts(trx, accountId, [
      ...new Set([virtualAccountId, ...heirsIn(heirs).map((heir) => heir.virtualAccountId)]),
    ]);
    const childNames = children.map(({ name }) => name);
    const contents = await contentsOf(trx, accountId, virtualAccountId, now);
    const { isDefault } = doomed;
    const decision = decide({
      virtualAccountId,
      isDefault,
      contents,
      children,
      goesTo: {
        licenses: heirs.licenses?.virtualAccountId ?? null,
        productInstances: heirs.productInstances?.virtualAccountId ?? null,
        tokens: heirs.tokens === 'revoked' ? 'revoked' : (heirs.tokens?.virtualAccountId ?? null),
        children:
          heirs.children === null
            ? null
            : await placeUnder(trx, accountId, heirs.children === 'top' ? null : heirs.children, childNames),
      },
    });
    const childrenHeir = heirs.children === 'top' ? null : heirs.children;
    if (!decision.ok) throw refusedDeletion(decision, doomed, childrenHeir);

    if (contents.licenses > 0 || contents.productInstances > 0)
      await requireAgreements(context, accountId, 'transfers');

    const linesBefore = await linesOf(trx, accountId, [virtualAccountId]);
    const moved = await moveContents(context, accountId, virtualAccountId, heirs);
    const tags = (await carriedTags(trx, accountId, [virtualAccountId])).get(virtualAccountId) ?? [];
    await clearTags(trx, accountId, virtualAccountId);
    // Whoever reached the children from here or above may not reach them where they go.
    const above = [virtualAccountId, ...(await ancestorsOf(trx, accountId, virtualAccountId))];
    const reached = children.length === 0 ? [] : await peopleNestedAt(trx, accountId, above);
    // The name is free before a child takes it.
    await markDeleted(trx, accountId, { virtualAccountId, path: doomed.path, at: now });
    for (const child of decision.value.children) {
      const parentId = childrenHeir?.virtualAccountId ?? null;
      await nestVirtualAccount(trx, accountId, { ...child, parentId });
    }
    await dropAncestry(trx, accountId, virtualAccountId);
    const access = await accessAfter(context, accountId, { virtualAccountId, linesBefore, contents, heirs });
    await dropVirtualAccountFromGrants(trx, accountId, virtualAccountId, now);
    const apiKeysRevoked = await endKeysOf(context, accountId, reached);

    const { orderLines, ...told } = moved;
    const goneTo = heirs.licenses?.virtualAccountId ?? heirsIn(heirs)[0]?.virtualAccountId ?? null;
    return {
      answer: {
        virtualAccountId,
        moved: { ...told, children: children.length },
        access,
        apiKeysRevoked,
      },
      event: {
        accountId,
        objectKind: 'virtual-account',
        objectId: virtualAccountId,
        virtualAccountId,
        otherVirtualAccountId: goneTo,
        message: `deleted the virtual account ${placeInWords(doomed)}${whereWords(heirs)}${keysInWords(apiKeysRevoked)}`,
        before: { ...doomed, contents, children, tags },
        after: {
          contentsTo: goneTo,
          goesTo: {
            licenses: heirs.licenses?.virtualAccountId ?? null,
            productInstances: heirs.productInstances?.virtualAccountId ?? null,
            tokens: heirs.tokens === 'revoked' ? 'revoked' : (heirs.tokens?.virtualAccountId ?? null),
            children: heirs.children === 'top' ? 'top' : (heirs.children?.virtualAccountId ?? null),
          },
          moved: { ...told, children: children.length },
          orderLines,
          apiKeysRevoked,
        },
      },
    };
  },
);

/** Sends everything it holds to its heirs; nothing where there is none, for then there is nothing. */
async function moveContents(context: Context, accountId: string, from: string, heirs: Heirs) {
  const { trx } = context;
  const licensesTo = heirs.licenses?.virtualAccountId ?? null;
  const instancesTo = heirs.productInstances?.virtualAccountId ?? null;
  // Tokens first: whoever registers with one a moment earlier is there when the instances are moved.
  const { tokens: tokensTo } = heirs;
  const isKeepingTokens = tokensTo !== null && tokensTo !== 'revoked';
  const tokens = isKeepingTokens
    ? await moveTokensOf(context, accountId, from, tokensTo.virtualAccountId)
    : 0;
  const tokensRevoked = tokensTo === 'revoked' ? await revokeTokensOf(context, accountId, from) : 0;
  const rules = await handOverDeliveryRules(trx, accountId, from, licensesTo);
  const orderLines = licensesTo === null ? 0 : await moveUndeliveredLines(trx, accountId, from, licensesTo);
  const productInstances =
    instancesTo === null ? 0 : await moveInstancesOf(context, accountId, from, instancesTo);
  const licenses = licensesTo === null ? 0 : await moveEverything(context, accountId, from, licensesTo);
  return {
    licenses,
    productInstances,
    tokens,
    tokensRevoked,
    deliveryRules: rules.handedOver,
    deliveryRulesRemoved: rules.removed,
    orderLines,
  };
}

/** Who gains and loses access to what was in it and to what was nested in it; the tree is that of afterwards. */
async function accessAfter(
  { trx, now }: Context,
  accountId: string,
  deletion: {
    virtualAccountId: string;
    linesBefore: Map<string, Line>;
    contents: Contents;
    heirs: Heirs;
  },
) {
  const { virtualAccountId, linesBefore, contents, heirs } = deletion;
  const before = linesBefore.get(virtualAccountId) ?? { virtualAccountId, above: [] };
  const takers = new Set<string>();
  if (contents.licenses + contents.openOrderLines > 0 && heirs.licenses !== null) {
    takers.add(heirs.licenses.virtualAccountId);
  }
  if (contents.productInstances > 0 && heirs.productInstances !== null) {
    takers.add(heirs.productInstances.virtualAccountId);
  }
  if (contents.tokens > 0 && heirs.tokens !== null && heirs.tokens !== 'revoked') {
    takers.add(heirs.tokens.virtualAccountId);
  }
  const lines = await linesOf(trx, accountId, [...takers]);
  const passages = [...takers].flatMap((id) => {
    const after = lines.get(id);
    return after === undefined ? [] : [{ before, after }];
  });
  // Of one that is empty, those lose something who have a role in it by its own name.
  const emptied = { before, after: { virtualAccountId: null, above: before.above } };
  const nestedIds = [...linesBefore.keys()].filter((id) => id !== virtualAccountId);
  const nestedBefore = new Map([...linesBefore].filter(([id]) => id !== virtualAccountId));
  const nestedAfter = await linesOf(trx, accountId, nestedIds);
  return {
    contents: await accessChanges(trx, accountId, passages.length === 0 ? [emptied] : passages, now),
    children: await accessChanges(trx, accountId, passagesBetween(nestedBefore, nestedAfter), now),
  };
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
