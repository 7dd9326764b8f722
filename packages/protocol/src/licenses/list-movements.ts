import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, flag, instant, pageOf, pageQuery, tag, uuid } from '../shapes.ts';
import { movement, movementKind } from './shapes.ts';

const filters = {
  virtualAccountId: uuid.optional(),
  nested: flag.default(true),
  kind: movementKind.optional(),
  from: instant.optional(),
  until: instant.optional(),
};

/** Movements of one license, newest first. */
export const listLicenseMovements = defineOperation({
  name: 'listLicenseMovements',
  capability: 'licenses',
  summary: 'Movements of one license',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/licenses/{tag}/movements',
  permission: { at: 'account', action: 'view-inventory' },
  params: z.object({ accountId: uuid, tag }),
  query: z.strictObject({ ...pageQuery, ...filters }),
  answer: pageOf(movement),
  refusals: ['cursor-invalid', 'unknown-virtual-account'],
  cutsToLots: true,
});

/** All movements of the account, newest first. */
export const listMovements = defineOperation({
  name: 'listMovements',
  capability: 'licenses',
  summary: 'Movements of an account',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/movements',
  permission: { at: 'account', action: 'view-inventory' },
  params: accountParams,
  query: z.strictObject({ ...pageQuery, ...filters }),
  answer: pageOf(movement),
  refusals: ['cursor-invalid', 'unknown-virtual-account'],
  cutsToLots: true,
});
