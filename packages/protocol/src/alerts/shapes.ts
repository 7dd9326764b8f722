import { z } from 'zod';
import { fix } from '../licenses/shapes.ts';
import { instant, uuid } from '../shapes.ts';

export const alertKind = z.enum([
  'insufficient-licenses',
  'licenses-expired',
  'licenses-expiring',
  'instance-failed-to-connect',
  'instance-failed-to-renew',
  'duplicate-instance',
  'tokens-ended-by-restore',
  'webhook-off',
  'agreement-open',
]);

export const severity = z.enum(['major', 'minor', 'informational']);

/** One open alert per cause; it resolves by itself when the cause ends. */
export const alert = z.object({
  alertId: uuid,
  kind: alertKind,
  severity,
  message: z.string(),
  /** One more sentence: since when, through whom. */
  detail: z.string(),
  virtualAccountId: uuid.nullable(),
  virtualAccountPath: z.array(z.string()),
  tag: z.string().nullable(),
  licenseName: z.string().nullable(),
  instanceId: uuid.nullable(),
  instanceName: z.string().nullable(),
  lotId: uuid.nullable(),
  quantity: z.int().nullable(),
  openedAt: instant,
  actionDueAt: instant.nullable(),
  resolvedAt: instant.nullable(),
  snoozedUntil: instant.nullable(),
  fixes: z.array(fix),
});
