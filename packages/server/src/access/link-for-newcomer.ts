import type { Context } from '../edge/context.ts';
import { admitPerson } from './admit-person.ts';
import { mayInvite } from './inviting.ts';
import { makeLink } from './one-time-links-store.ts';

/**
 * Makes the person with a mail address if there is none, and a link for choosing a password where they have none yet and
 * the caller may hand it out (`admitPerson`); null for everybody else.
 */
export async function linkForNewcomer(
  context: Context,
  account: { accountId: string; name: string },
  given: { name: string; email: string },
): Promise<string | null> {
  const { trx, now, newId, installation } = context;
  const { person, isInvited } = await admitPerson(
    context,
    account,
    given,
    mayInvite(context, account.accountId),
  );
  if (!isInvited) return null;
  return makeLink(trx, {
    kind: 'invitation',
    personId: person.personId,
    accountId: account.accountId,
    linkId: newId(),
    now,
    publicUrl: installation.publicUrl,
  });
}
