import { administratorsMayLeave, operatorMayLeave } from '@estover/domain/access';
import { isOverAccount } from '@estover/domain/accounts';
import type { Trx } from '../database/database.ts';
import { Overtaken } from '../database/transaction.ts';
import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import { forgetReader } from '../notifications/index.ts';
import { administratorsOf } from './grants-store.ts';
import { type EndedKey, endKeysOf } from './losing-rights.ts';
import { lockPerson } from './people-store.ts';
import { type AccountOfPerson, deletePerson, lockAccountsOf, lockOperators } from './person-end-store.ts';

/** Somebody who is not here any more: who they were, and what ended with them. */
export interface EndedPerson {
  personId: string;
  name: string;
  email: string;
  /** What identity providers called them beside. */
  otherNames: string[];
  /** The accounts they had a role or a key in, or whose identity provider said something of them. */
  accountIds: string[];
  apiKeysRevoked: EndedKey[];
}

/**
 * Ends a person: their row, and with it sessions, password, passkeys, codes, links, roles and groups; the keys they made
 * end as well (decision 0006). Their accounts are taken first, as everywhere, and then they themselves: what gives them
 * something at this moment is either seen here or finds them gone.
 *
 * @param mayEnd refuses once it is known who it is, before anything ends
 * @returns undefined when there is nobody with this id
 * @throws Refused `last-administrator` with the accounts, `last-operator`
 */
export async function endPerson(
  context: Pick<Context, 'trx' | 'now'>,
  personId: string,
  mayEnd: (person: { email: string }) => void,
): Promise<EndedPerson | undefined> {
  const { trx, now } = context;
  const accounts = await lockAccountsOf(trx, personId);
  const operators = await lockOperators(trx, now);
  const person = await lockPerson(trx, personId);
  if (person === undefined) return undefined;
  mayEnd(person);
  const known = new Set(accounts.map(({ accountId }) => accountId));
  // Something was given to them between the two locks: begin again with that account.
  if ((await lockAccountsOf(trx, personId)).some(({ accountId }) => !known.has(accountId)))
    throw new Overtaken();
  await requireAdministratorsStay(trx, now, accounts, personId);
  if (!operatorMayLeave(personId, operators)) {
    throw new Refused('last-operator', `${person.email} is the last operator of this installation.`);
  }
  await forgetReader(trx, person);
  const otherNames = await deletePerson(trx, person);
  const apiKeysRevoked: EndedKey[] = [];
  for (const { accountId } of accounts)
    apiKeysRevoked.push(...(await endKeysOf(context, accountId, [personId])));
  const { name, email } = person;
  return { personId, name, email, otherNames, accountIds: [...known], apiKeysRevoked };
}

/** An account that is over holds nobody: nothing in it is changed, so nobody could take their place either. */
async function requireAdministratorsStay(
  trx: Trx,
  now: Temporal.Instant,
  accounts: readonly AccountOfPerson[],
  personId: string,
): Promise<void> {
  const left: { accountId: string; name: string }[] = [];
  for (const { accountId, name, status } of accounts) {
    if (isOverAccount(status)) continue;
    const administrators = await administratorsOf(trx, accountId, now);
    if (!administratorsMayLeave((grant) => grant.personId === personId, administrators))
      left.push({ accountId, name });
  }
  if (left.length === 0) return;
  const names = left.map(({ name }) => name).join(', ');
  throw new Refused(
    'last-administrator',
    `Nobody else without an end who can sign in administers ${names}.`,
    { accounts: left },
  );
}
