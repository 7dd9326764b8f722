import { requestStates } from '@estover/domain/accounts';
import { z } from 'zod';
import { id, oneOf, text } from '../../search.ts';

/** What the address of a partner's requests for customers holds. */
export const customerRequestsSearch = z.object({ search: text, state: oneOf(requestStates), open: id });
