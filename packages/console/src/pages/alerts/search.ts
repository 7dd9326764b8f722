import { alertKind, severity } from '@estover/protocol';
import { z } from 'zod';
import { oneOf, virtualAccountFilter } from '../../search.ts';

/** What the address of the alerts holds. */
export const alertsSearch = z.object({
  ...virtualAccountFilter,
  state: oneOf(['open', 'snoozed', 'resolved']),
  kind: alertKind.optional().catch(undefined),
  severity: severity.optional().catch(undefined),
});
