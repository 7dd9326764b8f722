import { z } from 'zod';
import { staffSettings } from '../access/staff-shapes.ts';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery, uuid } from '../shapes.ts';
import { supportAccess, supportState } from './shapes.ts';

/** Support accesses of all accounts, the newest first. */
export const listSupportAccesses = defineOperation({
  name: 'listSupportAccesses',
  capability: 'support',
  summary: 'Support accesses',
  method: 'GET',
  path: '/api/v1/support-accesses',
  permission: { at: 'platform', action: 'open-support-access' },
  query: z.strictObject({
    ...pageQuery,
    state: supportState.optional(),
    accountId: uuid.optional(),
    /** Only those of whoever asks. */
    own: z.enum(['true']).optional(),
  }),
  answer: pageOf(supportAccess).extend({ mostMinutes: staffSettings.shape.supportMostMinutes }),
  refusals: ['cursor-invalid'],
});
