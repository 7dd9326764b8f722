import type { AnswerOf, getDesk } from '@estover/protocol';
import { count } from '../../format.ts';

type Desk = Pick<
  AnswerOf<typeof getDesk>,
  'accountRequests' | 'supportAccesses' | 'recoveries' | 'failedMails' | 'accounts'
>;

/** The sentence above the desk: what waits for the person who looks at it. */
export function deskInWords(desk: Desk): string {
  const parts = [
    [desk.accountRequests?.count ?? 0, 'request to review', 'requests to review'],
    [desk.accountRequests?.overdue ?? 0, 'review overdue', 'reviews overdue'],
    [desk.recoveries?.count ?? 0, 'recovery', 'recoveries'],
    [desk.failedMails?.count ?? 0, 'mail that could not be sent', 'mails that could not be sent'],
    [
      desk.accounts.withoutAdministrator.count,
      'account without an administrator',
      'accounts without an administrator',
    ],
    [desk.supportAccesses?.open ?? 0, 'account open for support', 'accounts open for support'],
  ] as const;
  const waiting = parts
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => count(number, one, many));
  return waiting.length === 0 ? 'Nothing waits for you.' : `${waiting.join(', ')}.`;
}
