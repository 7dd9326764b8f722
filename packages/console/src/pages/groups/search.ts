import { z } from 'zod';
import { text } from '../../search.ts';

/** What the address of the list of groups holds. */
export const groupsSearch = z.object({
  search: text,
  /** The open panel: a group's id. */
  open: text,
});
