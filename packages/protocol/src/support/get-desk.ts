import { platformRoles } from '@estover/domain/access';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, instant, uuid } from '../shapes.ts';
import { recovery, supportAccess } from './shapes.ts';

const deskAccount = z.object({
  accountId: uuid,
  name: z.string(),
  domainIdentifier: z.string(),
  createdAt: instant,
});

/** What waits for the publisher's staff. A queue that the caller may not see is null; each shows a few of its rows. */
export const getDesk = defineOperation({
  name: 'getDesk',
  capability: 'support',
  summary: 'What waits for the publisher’s staff',
  method: 'GET',
  path: '/api/v1/desk',
  permission: { at: 'platform', action: 'view-accounts' },
  answer: z.object({
    roles: z.array(z.enum(platformRoles)),
    /** Requests for accounts under review, the longest waiting first. */
    accountRequests: z
      .object({
        count: amount,
        /** How many have taken longer than a review may. */
        overdue: amount,
        items: z.array(
          z.object({
            requestId: uuid,
            companyName: z.string(),
            domainIdentifier: z.string(),
            stateSince: instant,
            isOverdue: z.boolean(),
          }),
        ),
      })
      .nullable(),
    supportAccesses: z.object({ open: amount, asked: amount, items: z.array(supportAccess) }).nullable(),
    /** Recoveries that wait for a second operator, or for their day to pass. */
    recoveries: z.object({ count: amount, items: z.array(recovery) }).nullable(),
    /** Mails that could not be sent. */
    failedMails: z
      .object({
        count: amount,
        items: z.array(
          z.object({
            mailId: uuid,
            subject: z.string(),
            recipient: z.string(),
            problem: z.string().nullable(),
            createdAt: instant,
          }),
        ),
      })
      .nullable(),
    accounts: z.object({
      newest: z.array(deskAccount),
      /** Active ones that nobody administers who can sign in. Counted up to 100. */
      withoutAdministrator: z.object({ count: amount, items: z.array(deskAccount) }),
    }),
    staff: z
      .object({
        people: amount,
        withoutSecondFactor: amount,
      })
      .nullable(),
  }),
});
