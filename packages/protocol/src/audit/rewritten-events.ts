import { z } from 'zod';
import { instant, uuid } from '../shapes.ts';

/** The type in the header of a signed statement about rewritten events. */
export const rewrittenEventsType = 'estover-rewritten-events+jws';

/**
 * What a signed statement says: out of so many sealed events of these batches the names of removed people were taken, and
 * this is what they read since. It stands in the chain itself, in the event of the removal. It names the batches that were
 * rewritten with it and no others; of each batch the last statement that names it counts.
 */
export const rewrittenEventsSchema = z.strictObject({
  installationId: z.string(),
  accountId: uuid,
  batches: z.array(
    z.strictObject({
      batchNumber: z.int().min(1),
      events: z.int().min(1),
      /** SHA-256 over the id, the sealed hash and the hash of today of each of them, in order of their ids. */
      digest: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
  signedAt: instant,
});
export type RewrittenEvents = z.output<typeof rewrittenEventsSchema>;
