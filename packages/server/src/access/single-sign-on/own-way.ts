import { mailDomainOf, normalizeMailAddress } from '@estover/domain/accounts';
import type { Trx } from '../../database/database.ts';
import { Refused } from '../../edge/refused.ts';
import { mustSignInThere } from './settings-store.ts';

interface Person {
  personId: string;
  email: string;
}

/** Whether somebody signs in at their company alone, and not with a password or a passkey. */
export const isSentElsewhere = (db: Pick<Trx, 'selectFrom'>, { personId, email }: Person): Promise<boolean> =>
  mustSignInThere(db, { personId, domain: mailDomainOf(normalizeMailAddress(email)) });

export const sentElsewhere = (): Refused =>
  new Refused('single-sign-on-required', 'Your company signs its people in itself.');

/**
 * Refuses somebody whose company signs them in itself. Asked after they have proved who they are, so that nobody learns
 * who is exempt.
 *
 * @throws Refused `single-sign-on-required`
 */
export async function requireOwnWay(db: Pick<Trx, 'selectFrom'>, person: Person): Promise<void> {
  if (await isSentElsewhere(db, person)) throw sentElsewhere();
}
