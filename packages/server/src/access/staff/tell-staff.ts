import type { PlatformRole } from '@estover/domain/access';
import type { Context } from '../../edge/context.ts';
import { Refused } from '../../edge/refused.ts';
import { countMailsSince, queueMail } from '../../notifications/index.ts';
import type { Told } from '../admit-person.ts';
import { grantsAnywhereOf } from '../grants-store.ts';
import { expiryOf, makeLink } from '../one-time-links-store.ts';
import type { PersonRow } from '../people-store.ts';

const mostMailsAnHour = 5;

/**
 * Lets somebody know of their platform role. Whoever has no password gets a link for choosing one; but nobody who holds a
 * role in an account, because the link makes its holder that person there as well: they use the invitation they have.
 *
 * @throws Refused `too-many-requests`
 */
export async function tellStaff(
  context: Context,
  person: PersonRow,
  { role, end }: { role: PlatformRole; end: string | null },
): Promise<Told> {
  const { trx, now, newId, installation, mailer, actor } = context;
  const { publicUrl } = installation;
  const earlier = { accountId: null, recipient: person.email, kind: 'staff-role' };
  if (
    mailer.isConfigured &&
    (await countMailsSince(trx, earlier, now.subtract({ hours: 1 }))) >= mostMailsAnHour
  ) {
    throw new Refused(
      'too-many-requests',
      `${person.email} got ${mostMailsAnHour} such mails within an hour.`,
      {
        retryAfterSeconds: 3600,
      },
    );
  }
  const isInvited = !person.hasPassword && (await grantsAnywhereOf(trx, person.personId, now)).length === 0;
  const link = isInvited
    ? await makeLink(trx, {
        kind: 'invitation',
        personId: person.personId,
        accountId: null,
        linkId: newId(),
        now,
        publicUrl,
      })
    : `${publicUrl}/sign-in`;
  const until = isInvited ? expiryOf('invitation', now).toString() : null;
  const content = { kind: 'staff-role', role, givenBy: actor.name, end, link, until } as const;
  await queueMail(context, { to: person.email, accountId: null, content });
  return {
    invitationLink: isInvited && !mailer.isConfigured ? link : null,
    mailed: mailer.isConfigured,
  };
}
