import { z } from 'zod';
import { oneOf, text, virtualAccountFilter } from '../../search.ts';

/** What the address of the list of tokens holds. */
export const tokensSearch = z.object({
  ...virtualAccountFilter,
  search: text,
  state: oneOf(['active', 'expired', 'used-up', 'revoked']),
});
