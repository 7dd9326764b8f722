import { moveStates } from '@estover/domain/accounts';
import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { pageOf, pageQuery, uuid } from '../shapes.ts';
import { accountMove } from './move-shapes.ts';

/** Merges and splits of accounts that the caller administers, and those that name them; newest first. */
export const listAccountMoves = defineOperation({
  name: 'listAccountMoves',
  capability: 'accounts',
  summary: 'Merges and splits of one’s accounts',
  method: 'GET',
  path: '/api/v1/account-moves',
  permission: { at: 'signed-in' },
  query: z.strictObject({ ...pageQuery, accountId: uuid.optional(), state: z.enum(moveStates).optional() }),
  answer: pageOf(accountMove),
  refusals: ['cursor-invalid', 'person-required'],
});
