import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, pageOf, pageQuery } from '../shapes.ts';
import { recovery, supportAccess, supportRule } from './shapes.ts';

/** Who of the publisher's staff opened the account or asked to, when and why; and how it got administrators back. */
export const listAccountSupport = defineOperation({
  name: 'listAccountSupport',
  capability: 'support',
  summary: 'Support access to the account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/support-accesses',
  permission: { at: 'account', action: 'view-events' },
  params: accountParams,
  query: z.strictObject(pageQuery),
  answer: pageOf(supportAccess).extend({
    rule: supportRule,
    /** With the first page. */
    recoveries: z.array(recovery),
  }),
  refusals: ['cursor-invalid'],
});
