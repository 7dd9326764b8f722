import { requestStates } from '@estover/domain/accounts';
import { supportStates } from '@estover/domain/support';
import { z } from 'zod';
import { id, oneOf, text } from '../../search.ts';

/** What the address of the platform's accounts holds. */
export const platformAccountsSearch = z.object({ search: text, open: id });

/** What the address of the requests for accounts holds. */
export const accountRequestsSearch = z.object({ search: text, state: oneOf(requestStates), open: id });

/** What the address of the catalog holds. */
export const catalogSearch = z.object({
  search: text,
  show: oneOf(['licenses', 'products', 'substitutions']),
});

/** What the address of the texts to accept holds: of which one the accounts are listed, and which of them. */
export const agreementsSearch = z.object({
  agreement: text,
  standing: oneOf(['accepted', 'open', 'overdue']),
  search: text,
});

/** What the address of people and privacy holds. */
export const privacySearch = z.object({ search: text });

/** What the address of the outbox holds. */
export const outboxSearch = z.object({
  search: text,
  state: oneOf(['waiting', 'sent', 'kept', 'failed']),
  open: id,
});

/** What the address of the support accesses holds: which are shown, and the account that somebody is about to open. */
export const supportAccessesSearch = z.object({ state: oneOf(supportStates), account: id });
