import {
  getMe,
  listAccounts,
  listMyAccounts,
  listVirtualAccounts,
  mostVirtualAccountsFound,
} from '@estover/protocol';
import { CommandFailure, exitCodes } from './failures.ts';
import type { Session } from './session.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const separator = ' / ';

const unknown = (what: string, next: string): CommandFailure =>
  new CommandFailure(exitCodes.refused, what, next);

/** The id of an account that is named by id or domain identifier. */
export async function accountIdOf({ client }: Session, named: string): Promise<string> {
  if (uuid.test(named)) return named;
  const wanted = named.trim().toLowerCase().replace(/\.$/, '');
  const me = await client.call(getMe, {});
  // Staff see all accounts, whoever else those in which they have a role.
  const search = { query: { search: wanted, limit: 200 } } as const;
  const { items } = me.platformActions.includes('view-accounts')
    ? await client.call(listAccounts, search)
    : await client.call(listMyAccounts, search);
  const found = items.find(({ domainIdentifier }) => domainIdentifier.toLowerCase() === wanted);
  if (found !== undefined) return found.accountId;
  throw unknown(
    `There is no account "${named}" that you may see.`,
    'Name it by its domain identifier or id: estover my-accounts list shows yours, estover accounts list all.',
  );
}

/** The id of a virtual account that is named by id or by its path, such as `EMEA / Lyon`. */
export async function virtualAccountIdOf(
  { client }: Session,
  accountId: string,
  named: string,
): Promise<string> {
  if (uuid.test(named)) return named;
  const path = named.split('/').map((name) => name.trim());
  const last = path.at(-1) ?? '';
  const { items } = await client.call(listVirtualAccounts, {
    params: { accountId },
    query: { search: last },
  });
  // A name may have a slash in it, so the whole is compared before its parts are.
  const found =
    items.find((each) => each.path.join(separator) === named.trim()) ??
    items.find((each) => each.path.join(separator) === path.join(separator));
  if (found !== undefined) return found.virtualAccountId;
  throw unknown(
    `There is no virtual account "${named}" that you may see.`,
    items.length >= mostVirtualAccountsFound
      ? 'Very many are called like that: name it by its id.'
      : 'Name it by its id or its whole path, such as "EMEA / Lyon": estover virtual-accounts list shows them.',
  );
}

/** A scope from its words: `account`, or virtual accounts, each alone or followed by ` / *` for everything nested. */
export async function scopeOf(
  session: Session,
  accountId: string,
  words: readonly string[],
): Promise<unknown> {
  if (words.includes('account')) {
    if (words.length === 1) return { kind: 'account' };
    throw unknown('The scope is the whole account or virtual accounts, not both.', 'Leave one of them out.');
  }
  const virtualAccounts = [];
  for (const each of words) {
    const nested = /\s*\/\s*\*$/.test(each);
    const named = each.replace(/\s*\/\s*\*$/, '');
    virtualAccounts.push({ virtualAccountId: await virtualAccountIdOf(session, accountId, named), nested });
  }
  return { kind: 'virtual-accounts', virtualAccounts };
}
