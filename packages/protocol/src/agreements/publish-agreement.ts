import { defaultDeadlineDays } from '@estover/domain/agreements';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, text } from '../shapes.ts';
import { agreementName, agreementText, agreementVersion, deadlineDays, languageTag } from './shapes.ts';

/**
 * Publishes a new version, or the first one of a new agreement. It cannot be taken back or changed. Every active account is
 * told within minutes; a dry run says how many that are.
 */
export const publishAgreement = defineOperation({
  name: 'publishAgreement',
  capability: 'agreements',
  summary: 'Publish a version of an agreement',
  method: 'POST',
  path: '/api/v1/agreements',
  permission: { at: 'platform', action: 'publish-agreements' },
  body: z.strictObject({
    agreement: agreementName,
    title: text(120),
    language: languageTag.optional(),
    text: agreementText,
    deadlineDays: deadlineDays.default(defaultDeadlineDays),
  }),
  answer: z.object({ version: agreementVersion, accounts: amount }),
  refusals: ['step-up-required', 'agreement-unchanged'],
  dryRun: true,
});
