import { z } from 'zod';
import { instant, uuid } from '../shapes.ts';

/** The type in the header of a signed head. */
export const eventHeadType = 'estover-event-head+jws';

/** What a signed head says: up to this batch the chain of this account had this hash. */
export const eventHeadSchema = z.strictObject({
  installationId: z.string(),
  accountId: uuid,
  batchNumber: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  epoch: z.int().min(1),
  signedAt: instant,
});
export type EventHead = z.output<typeof eventHeadSchema>;
