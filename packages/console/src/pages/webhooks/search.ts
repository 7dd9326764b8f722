import { z } from 'zod';
import { id, oneOf } from '../../search.ts';

/** What the address of the webhooks holds: the open webhook, which of its deliveries, and the open one of them. */
export const webhooksSearch = z.object({
  open: id,
  state: oneOf(['waiting', 'delivered', 'failed']),
  delivery: id,
});
