import { z } from 'zod';
import { id, oneOf, text, virtualAccountFilter, whole } from '../../search.ts';

/** What the address of the list of product instances holds. */
export const productInstancesSearch = z.object({
  ...virtualAccountFilter,
  search: text,
  state: oneOf([
    'registered',
    'authorization-expired',
    'certificate-ended',
    'removed',
    'deregistered',
    'replaced',
  ]),
  authorization: oneOf(['authorized', 'out-of-compliance', 'authorization-expired', 'no-licenses-in-use']),
  tag: text,
  silentForDays: whole,
  sort: oneOf(['name', 'lastContact', '-lastContact', 'registered', '-registered']),
  /** The open panel. */
  open: id,
});
