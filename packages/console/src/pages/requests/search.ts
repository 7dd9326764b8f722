import { accessRequestStates } from '@estover/domain/access';
import { z } from 'zod';
import { id, oneOf } from '../../search.ts';

/** What the address of the requests that wait for somebody holds. */
export const requestsSearch = z.object({ state: oneOf(accessRequestStates), open: id });
