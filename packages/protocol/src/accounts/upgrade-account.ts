import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams } from '../shapes.ts';
import { accountRequest, askedIdentifier, askingRefusals } from './request-shapes.ts';
import { account } from './shapes.ts';

const { prefix, justification } = askedIdentifier;

const upgradeRequest = accountRequest.pick({
  requestId: true,
  state: true,
  domainIdentifier: true,
  justification: true,
  requesterName: true,
  requesterEmail: true,
  requestedAt: true,
  endsAt: true,
});

/**
 * An administrator makes a customer account of one for limited use, once they sign in with an address at the company's
 * mail domain: it becomes the identifier, and the limits fall. With a prefix it waits for an operator, as a request does.
 */
export const upgradeAccount = defineOperation({
  name: 'upgradeAccount',
  capability: 'accounts',
  summary: 'Upgrade an account for limited use',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/upgrade',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  body: z.strictObject({ prefix, justification }),
  answer: z.object({
    account,
    /** What waits for an operator; null where the account is upgraded already. */
    request: upgradeRequest.nullable(),
  }),
  refusals: [
    ...askingRefusals,
    'upgrade-not-needed',
    'account-request-open',
    'domain-identifier-taken',
    'person-required',
    'step-up-required',
  ],
  dryRun: true,
});

/** The upgrade that waits for an operator; null where none does. */
export const getUpgrade = defineOperation({
  name: 'getUpgrade',
  capability: 'accounts',
  summary: 'The upgrade of an account that waits for an operator',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/upgrade',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  answer: z.object({ request: upgradeRequest.nullable() }),
});

/** An administrator takes the upgrade back that waits for an operator; the account stays what it is. */
export const withdrawUpgrade = defineOperation({
  name: 'withdrawUpgrade',
  capability: 'accounts',
  summary: 'Withdraw the upgrade of an account',
  method: 'POST',
  path: '/api/v1/accounts/{accountId}/upgrade/withdraw',
  permission: { at: 'account', action: 'manage-account-settings' },
  params: accountParams,
  answer: z.object({ request: upgradeRequest }),
  refusals: ['no-upgrade-waits'],
  status: 200,
});
