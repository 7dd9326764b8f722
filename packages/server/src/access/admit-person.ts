import type { AccountRole } from '@estover/domain/access';
import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import { countMailsSince, queueMail } from '../notifications/index.ts';
import { expiryOf, makeLink } from './one-time-links-store.ts';
import { ensurePerson, type PersonRow } from './people-store.ts';
import { isDeactivated } from './scim/provisioned-people-store.ts';

export interface Admitted {
  person: PersonRow;
  /** Whether they get a link for choosing a password. */
  isInvited: boolean;
  /** Whether they may get another link without being given anything more: never one that its sender could not hand on. */
  mayBeReminded: boolean;
  /** What the person gets: a mail with a link for choosing a password, or one that tells of the role. */
  tell(role: { role: AccountRole; until: Temporal.Instant | null }): Promise<Told>;
  /** Sends the link for choosing a password; for those who are invited. */
  invite(): Promise<Told>;
}

export interface Told {
  /**
   * A link for choosing a password, shown once; null when the person gets it by mail or has a password, or when whoever
   * asks may not have it: then an operator has it among the kept mails.
   */
  invitationLink: string | null;
  /** Whether a mail is on its way to them. */
  mailed: boolean;
}

/**
 * Finds or makes the person with a mail address, and tells them of what they were given: by mail, and where there is no
 * mail server with a link in the answer. Whoever the account's identity provider has deactivated gets nothing here.
 *
 * Whoever holds the link becomes that person, with all their grants. So `mayInvite` says whether the inviting side could
 * have given every grant the person has already; if not, the link is not shown to it. And the link of an earlier invitation
 * ends with whatever more is given: whoever has it was to get only what there was then.
 */
export async function admitPerson(
  context: Context,
  account: { accountId: string; name: string },
  given: { name: string; email: string },
  mayInvite: (person: PersonRow) => Promise<boolean>,
): Promise<Admitted> {
  const { trx, now, newId, installation, mailer, actor } = context;
  const { accountId, name: accountName } = account;
  const person = await ensurePerson(trx, { ...given, personId: newId(), now });
  if (await isDeactivated(trx, accountId, person.personId)) {
    throw new Refused(
      'person-deactivated',
      `${person.email} is not active at the account’s identity provider.`,
    );
  }
  const isInvited = !person.hasPassword;
  const isShown = isInvited && !mailer.isConfigured && (await mayInvite(person));
  const to = { to: person.email, accountId };
  const bound = (kind: 'invitation' | 'role-given') =>
    boundMails(context, { accountId, recipient: person.email, kind });
  const invite = async (): Promise<Told> => {
    await bound('invitation');
    const link = await makeLink(trx, {
      kind: 'invitation',
      personId: person.personId,
      accountId,
      linkId: newId(),
      now,
      publicUrl: installation.publicUrl,
    });
    const content = {
      kind: 'invitation',
      accountName,
      invitedBy: actor.name,
      link,
      until: expiryOf('invitation', now).toString(),
    } as const;
    await queueMail(context, { ...to, content });
    return { invitationLink: isShown ? link : null, mailed: mailer.isConfigured };
  };
  const tellOfRole: Admitted['tell'] = async ({ role, until }) => {
    await bound('role-given');
    const link = `${installation.publicUrl}/accounts/${accountId}`;
    const end = until?.toString() ?? null;
    const content = { kind: 'role-given', accountName, role, givenBy: actor.name, until: end, link } as const;
    await queueMail(context, { ...to, content });
    return { invitationLink: null, mailed: mailer.isConfigured };
  };
  const mayBeReminded = isInvited && (mailer.isConfigured || isShown);
  return { person, isInvited, mayBeReminded, invite, tell: isInvited ? invite : tellOfRole };
}

/** Whoever cannot find a mail is invited again; whoever is invited again and again is being molested. */
const mostMailsAnHour = 5;

async function boundMails(
  { trx, now, mailer }: Context,
  which: { accountId: string; recipient: string; kind: string },
): Promise<void> {
  if (!mailer.isConfigured) return;
  if ((await countMailsSince(trx, which, now.subtract({ hours: 1 }))) < mostMailsAnHour) return;
  throw new Refused(
    'too-many-requests',
    `${which.recipient} got ${mostMailsAnHour} such mails from this account within the last hour.`,
    { retryAfterSeconds: 3600 },
  );
}
