import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { instant, pageOf, pageQuery, searchText, uuid } from '../shapes.ts';
import { agreementName, agreementStanding, agreementVersionNumber } from './shapes.ts';

export const agreementAccount = z.object({
  accountId: uuid,
  name: z.string(),
  domainIdentifier: z.string(),
  standing: agreementStanding,
  dueAt: instant,
  /** The highest version that was accepted; null for none. */
  acceptedVersion: agreementVersionNumber.nullable(),
  acceptedAt: instant.nullable(),
});

export const agreementAccountFilters = {
  standing: agreementStanding.optional(),
  search: searchText.optional(),
};

/** Active accounts by name, with how each stands to the newest version of an agreement. */
export const listAgreementAccounts = defineOperation({
  name: 'listAgreementAccounts',
  capability: 'agreements',
  summary: 'Who has accepted an agreement, and who has not',
  method: 'GET',
  path: '/api/v1/agreements/{agreement}/accounts',
  permission: { at: 'platform', action: 'view-agreement-texts' },
  params: z.object({ agreement: agreementName }),
  query: z.strictObject({ ...pageQuery, ...agreementAccountFilters }),
  answer: pageOf(agreementAccount),
  refusals: ['cursor-invalid'],
});
