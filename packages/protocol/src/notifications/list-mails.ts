import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery, searchText } from '../shapes.ts';
import { mail, mailState } from './shapes.ts';

/** The outbox, the newest first. The search looks at recipients and subjects. Rows are kept for 30 days. */
export const listMails = defineOperation({
  name: 'listMails',
  capability: 'notifications',
  summary: 'Mails of the installation',
  method: 'GET',
  path: '/api/v1/mails',
  permission: { at: 'platform', action: 'manage-mails' },
  query: z.strictObject({ ...pageQuery, search: searchText.optional(), state: mailState.optional() }),
  answer: pageOf(mail),
  refusals: ['cursor-invalid'],
});
