import { orderLineState } from '@estover/protocol';
import { z } from 'zod';
import { text } from '../../search.ts';

/** What the address of a list of orders holds. */
export const ordersSearch = z.object({
  search: text,
  state: orderLineState.optional().catch(undefined),
});
