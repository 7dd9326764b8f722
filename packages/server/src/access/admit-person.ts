import type { Context } from '../edge/context.ts';
import { makeLink } from './one-time-links-store.ts';
import { ensurePerson, type PersonRow } from './people-store.ts';

export interface Admitted {
  person: PersonRow;
  /** A link for choosing a password, shown once; null when the person has one, or may get the link only elsewhere. */
  invitationLink: string | null;
}

/**
 * Finds or makes the person with a mail address, and the link with which somebody without a password chooses one.
 *
 * Whoever holds the link becomes that person, with all their grants. So `mayInvite` says whether the inviting side could
 * have given every grant the person has already; if not, the person stays with the invitation they have.
 */
export async function admitPerson(
  context: Context,
  accountId: string,
  given: { name: string; email: string },
  mayInvite: (person: PersonRow) => Promise<boolean>,
): Promise<Admitted> {
  const { trx, now, newId, installation } = context;
  const person = await ensurePerson(trx, { ...given, personId: newId(), now });
  if (person.hasPassword || !(await mayInvite(person))) return { person, invitationLink: null };
  const invitationLink = await makeLink(trx, {
    kind: 'invitation',
    personId: person.personId,
    accountId,
    linkId: newId(),
    now,
    publicUrl: installation.publicUrl,
  });
  return { person, invitationLink };
}
