import type { AccountKind } from '@estover/domain/accounts';
import { insertGrant } from '../access/index.ts';
import type { Context } from '../edge/context.ts';
import { type AccountRow, insertAccount, setCreator } from './accounts-store.ts';
import { insertVirtualAccount } from './virtual-accounts-store.ts';

const defaultName = 'Default';

/**
 * Makes an account, active if nothing else is said, with its default virtual account. Undefined when another account has the domain identifier,
 * also one that is being made at this moment.
 */
export async function makeAccount(
  { trx, now, newId }: Pick<Context, 'trx' | 'now' | 'newId'>,
  given: {
    accountId?: string;
    kind: AccountKind;
    name: string;
    /** In its one form. */
    domainIdentifier: string;
    exportCategory: AccountRow['exportCategory'];
    status?: 'active' | 'pending';
  },
): Promise<{ account: AccountRow; defaultVirtualAccountId: string } | undefined> {
  const account: AccountRow = {
    status: 'active',
    accountId: newId(),
    ...given,
    statusSince: null,
    statusReason: null,
    mergedInto: null,
    sequencePolicy: 'flag',
    createdAt: now,
  };
  if (!(await insertAccount(trx, account))) return undefined;
  const defaultVirtualAccountId = newId();
  await insertVirtualAccount(trx, {
    accountId: account.accountId,
    virtualAccountId: defaultVirtualAccountId,
    parentId: null,
    name: defaultName,
    description: '',
    accessLevel: 'unrestricted',
    isDefault: true,
    depth: 1,
    createdAt: now,
  });
  return { account, defaultVirtualAccountId };
}

/** Makes a place for orders whose account is not there yet (decision 0019). */
export async function makePendingAccount(
  context: Pick<Context, 'trx' | 'now' | 'newId'>,
  { accountId, name }: { accountId: string; name: string },
): Promise<AccountRow> {
  const made = await makeAccount(context, {
    accountId,
    kind: 'customer',
    name,
    // Nobody can ask for it: names below `invalid` have no mail (RFC 2606 §2).
    domainIdentifier: `${accountId}.pending.invalid`,
    exportCategory: 'A',
    status: 'pending',
  });
  if (made === undefined) throw new Error('an identifier made of a new id is free');
  return made.account;
}

/** Makes somebody the creator of a new account, and its administrator and approver. */
export async function giveFirstRoles(
  { trx, now, newId }: Context,
  given: { accountId: string; personId: string; grantedBy: string },
): Promise<void> {
  for (const role of ['account-administrator', 'approver'] as const) {
    await insertGrant(trx, {
      ...given,
      grantId: newId(),
      role,
      scope: { kind: 'account' },
      until: null,
      grantedAt: now,
    });
  }
  await setCreator(trx, given);
}
