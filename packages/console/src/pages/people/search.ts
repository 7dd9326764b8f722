import { z } from 'zod';
import { flag, text } from '../../search.ts';

/** What the address of the list of people holds. */
export const peopleSearch = z.object({
  search: text,
  /** Only partners, or only the account's own people. */
  partner: flag,
  /** The open panel: a person's id. */
  open: text,
});
