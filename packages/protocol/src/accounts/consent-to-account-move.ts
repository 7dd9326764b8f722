import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { uuid } from '../shapes.ts';
import { accountMove, moveParams, movePreview, newNames } from './move-shapes.ts';

/**
 * An administrator of the other side consents, and it happens in the same moment. They may choose where the virtual
 * accounts come and what they are called there. A dry run tells what it would do.
 */
export const consentToAccountMove = defineOperation({
  name: 'consentToAccountMove',
  capability: 'accounts',
  summary: 'Consent to a merge or split, which carries it out',
  method: 'POST',
  path: '/api/v1/account-moves/{moveId}/consent',
  permission: { at: 'signed-in' },
  params: moveParams,
  body: z.strictObject({
    /** In the place of what was proposed, for a merge. */
    parentId: uuid.nullable().optional(),
    names: newNames.default([]),
  }),
  answer: z.object({ move: accountMove, preview: movePreview }),
  refusals: [
    'account-move-state',
    'own-proposal',
    'account-move-blocked',
    'unknown-virtual-account',
    'domain-identifier-taken',
    'person-required',
    'step-up-required',
  ],
  dryRun: true,
  status: 200,
});
