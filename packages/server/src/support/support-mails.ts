import { administratorAddresses } from '../access/index.ts';
import type { Context } from '../edge/context.ts';
import { type MailContent, queueMail } from '../notifications/index.ts';
import type { SupportAccessRow } from './support-accesses-store.ts';

/** The page of the account on which support is seen, approved and ended. It opens only for whoever signs in. */
export const supportPage = (publicUrl: string, { accountId }: Pick<SupportAccessRow, 'accountId'>): string =>
  `${publicUrl}/accounts/${accountId}/support-access`;

/** Lets every administrator of the account know: of a question, or that somebody looks at it from now on. */
export async function tellAdministrators(context: Context, access: SupportAccessRow): Promise<void> {
  const { accountId, accountName, staffName: staff, mode, minutes, reason, caseNumber } = access;
  const until = access.endsAt?.toString() ?? '';
  const link = supportPage(context.installation.publicUrl, access);
  const common = { accountName, staff, reason, caseNumber, until, link };
  const content: MailContent =
    access.state === 'asked'
      ? { kind: 'support-asked', ...common, mode, minutes }
      : { kind: 'support-begun', ...common };
  for (const to of await administratorAddresses(context.trx, accountId, context.now)) {
    await queueMail(context, { to, accountId, content });
  }
}
