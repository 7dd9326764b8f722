import { type Grant, reachOf } from '@estover/domain/access';
import { type Reason, useAccount } from '../account.tsx';
import { formatPath } from '../format.ts';
import { useVirtualAccounts, type VirtualAccount } from './virtual-accounts.ts';

type Right = Pick<Grant, 'role' | 'scope'>;
type Place = Pick<VirtualAccount, 'virtualAccountId' | 'parentId' | 'path' | 'isDefault'>;

/** The virtual accounts, of those given, in which the grants allow to move licenses and product instances. */
export function movableIn<One extends Place>(
  grants: readonly Right[],
  virtualAccounts: readonly One[],
): One[] {
  const reach = reachOf(grants, 'move-inventory');
  if (reach.kind === 'nothing') return [];
  if (reach.kind === 'everything') return [...virtualAccounts];
  const byId = new Map(virtualAccounts.map((one) => [one.virtualAccountId, one]));
  const isIn = (one: Place | undefined, id: string): boolean =>
    one !== undefined &&
    (one.virtualAccountId === id || (one.parentId !== null && isIn(byId.get(one.parentId), id)));
  return virtualAccounts.filter((one) =>
    reach.roots.some(
      ({ virtualAccountId, nested, exceptDefault }) =>
        (nested ? isIn(one, virtualAccountId) : one.virtualAccountId === virtualAccountId) &&
        !(exceptDefault && one.isDefault),
    ),
  );
}

/** Why nothing can be moved from one of them to another: there is no second one. The server decides. */
export function reasonAgainstTransfer(grants: readonly Right[], virtualAccounts: readonly Place[]): Reason {
  // Before they are read nothing speaks against it.
  if (virtualAccounts.length === 0) return null;
  const movable = movableIn(grants, virtualAccounts);
  if (movable.length > 1) return null;
  const [only] = movable;
  if (only === undefined) return 'You may move in no virtual account. Ask an administrator.';
  return virtualAccounts.length === 1 && reachOf(grants, 'move-inventory').kind === 'everything'
    ? `${formatPath(only.path)} is the only virtual account. Create another one to move to.`
    : `You may move in ${formatPath(only.path)} alone, and a transfer needs two virtual accounts. Ask an administrator.`;
}

/** Null where the signed-in person may move between virtual accounts, else why not. */
export function useTransferReason(): Reason {
  const account = useAccount();
  const virtualAccounts = useVirtualAccounts();
  return account.reasonAgainst('move-inventory') ?? reasonAgainstTransfer(account.roles, virtualAccounts);
}
