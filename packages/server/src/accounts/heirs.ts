import type { deleteVirtualAccount, QueryOf } from '@estover/protocol';
import { requireAccountReach, requireVirtualAccount, type VirtualAccountRow } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import { unknownVirtualAccount } from './places.ts';

/** Where what a deleted virtual account held goes; null where nothing was said. */
export interface Heirs {
  licenses: VirtualAccountRow | null;
  productInstances: VirtualAccountRow | null;
  tokens: VirtualAccountRow | 'revoked' | null;
  children: VirtualAccountRow | 'top' | null;
}

/**
 * The virtual accounts that take the contents: the caller may bring licenses and instances there, keep tokens where
 * tokens go, and nest children where children go.
 */
export async function requireHeirs(
  context: Context,
  accountId: string,
  query: QueryOf<typeof deleteVirtualAccount>,
  hasChildren: boolean,
): Promise<Heirs> {
  const { contentsTo = null } = query;
  const take = (id: string | null, action: Parameters<typeof requireVirtualAccount>[3]) =>
    id === null
      ? null
      : requireVirtualAccount(context, accountId, id, action, { orUnknown: () => unknownVirtualAccount(id) });
  const childrenTo = query.childrenTo ?? (hasChildren ? contentsTo : null);
  if (childrenTo === 'top') requireAccountReach(context, 'create-top-level-virtual-account');
  const tokensTo = query.tokensTo ?? (contentsTo === null ? null : 'revoked');
  return {
    children: childrenTo === 'top' ? 'top' : await take(childrenTo, 'create-nested-virtual-account'),
    licenses: await take(query.licensesTo ?? contentsTo, 'move-inventory'),
    productInstances: await take(query.productInstancesTo ?? contentsTo, 'move-inventory'),
    tokens: tokensTo === 'revoked' ? 'revoked' : await take(tokensTo, 'manage-tokens'),
  };
}

/** The virtual accounts among the heirs, each as often as it is one. */
export const heirsIn = ({ licenses, productInstances, tokens, children }: Heirs): VirtualAccountRow[] =>
  [licenses, productInstances, tokens, children].filter(
    (heir) => heir !== null && heir !== 'revoked' && heir !== 'top',
  );

/** Where things went, for the event: one place for everything, or each kind with its own. */
export function whereWords(heirs: Heirs): string {
  const { licenses, productInstances, tokens, children } = heirs;
  const all = heirsIn(heirs);
  const [first] = all;
  if (first === undefined) return children === 'top' ? '; what was nested in it is at the top' : '';
  const isOne = all.every((heir) => heir.virtualAccountId === first.virtualAccountId);
  if (isOne && licenses !== null && productInstances !== null && children !== 'top') {
    return `; what it held went to ${placeInWords(first)}`;
  }
  const parts = [
    ...(licenses === null ? [] : [`licenses to ${placeInWords(licenses)}`]),
    ...(productInstances === null ? [] : [`product instances to ${placeInWords(productInstances)}`]),
    ...(tokens === null || tokens === 'revoked' ? [] : [`tokens to ${placeInWords(tokens)}`]),
    ...(children === null
      ? []
      : [`what was nested in it to ${children === 'top' ? 'the top' : placeInWords(children)}`]),
  ];
  return `; it sent ${parts.join(', ')}`;
}
