import { requestStates } from '@estover/domain/accounts';
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

/** What the address of the outbox holds. */
export const outboxSearch = z.object({
  search: text,
  state: oneOf(['waiting', 'sent', 'kept', 'failed']),
  open: id,
});
