import { z } from 'zod';
import * as word from '../../search.ts';

/** What the address of one's own notifications holds. */
export const notificationsSearch = z.object({ search: word.text });
