import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { accountParams, flag, searchText, uuid } from '../shapes.ts';
import { virtualAccount, virtualAccountWithRollUp } from './shapes.ts';

/** How many of a large tree are found at once, by what they miss or by their names. */
export const mostVirtualAccountsFound = 200;

/**
 * The tree the caller may see, in depth-first order by name, with sums alone and with everything nested
 * (`rollUp=true`). Not paged: whole it is of use to pickers, and holds thousands, not millions. Of a large tree a page
 * asks for a part at a time: what lies under one virtual account (`within`), so many levels of it (`levels`), and,
 * wherever they lie, with all they are nested in: those that miss most (`short`), and the first 200 by what a person
 * looks for in their names, descriptions and values of tags (`search`). Sums are those of everything nested, whether it is
 * shown or not. A tag (`tagKeyId`, `tagValueId`) narrows whatever is asked for to those that carry it, with all they are
 * nested in.
 */
export const listVirtualAccounts = defineOperation({
  name: 'listVirtualAccounts',
  capability: 'accounts',
  summary: 'The tree of virtual accounts',
  method: 'GET',
  path: '/api/v1/accounts/{accountId}/virtual-accounts',
  permission: { at: 'account', action: 'view-account' },
  params: accountParams,
  query: z.strictObject({
    rollUp: flag.default(false),
    within: uuid.optional(),
    /** Counted from the top of what the caller may see, or from `within`; none is meant where only `short` or `search` is. */
    levels: z.coerce.number().int().min(1).max(10).optional(),
    /** At most so many that are themselves out of compliance, those that miss most first. */
    short: z.coerce.number().int().min(1).max(mostVirtualAccountsFound).optional(),
    search: searchText.optional(),
    /** Those that carry any value of this key. */
    tagKeyId: uuid.optional(),
    /** Those that carry this value; with `tagKeyId` it must be one of that key. */
    tagValueId: uuid.optional(),
  }),
  answer: z.object({
    items: z.array(
      virtualAccount.extend(virtualAccountWithRollUp.pick({ own: true, nested: true }).partial().shape),
    ),
  }),
  refusals: ['unknown-virtual-account', 'unknown-tag-value'],
  cutsToLots: true,
});
