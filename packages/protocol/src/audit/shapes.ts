import { z } from 'zod';
import { instant, uuid } from '../shapes.ts';

/** One change: who did what to what, before and after, from where. */
export const event = z.object({
  eventId: uuid,
  at: instant,
  actor: z.object({
    kind: z.enum(['person', 'api-key', 'product-instance', 'system', 'set-up']),
    id: z.string().nullable(),
    name: z.string(),
    /**
     * On whose behalf: whoever answers for the API client, the customer whom a partner asks for, or the person whose act the
     * system followed. Null for nobody's.
     */
    onBehalfOf: z
      .object({ kind: z.enum(['person', 'customer']), id: z.string().nullable(), name: z.string() })
      .nullable(),
  }),
  operation: z.string(),
  /** The change in one sentence; names that the reader may not know are `…` in it, and what was before and after. */
  message: z.string(),
  objectKind: z.string(),
  objectId: z.string(),
  virtualAccountId: uuid.nullable(),
  virtualAccountPath: z.array(z.string()),
  before: z.unknown(),
  after: z.unknown(),
  from: z.string().nullable(),
  requestId: z.string().nullable(),
  /** Number of the sealed batch of the account's chain; null until it is sealed. */
  batch: z.int().nullable(),
});
