import { z } from 'zod';
import { text } from '../../search.ts';

/** What the address of the list of people holds. */
export const peopleSearch = z.object({
  search: text,
  /** The open panel: a person's id. */
  open: text,
});
