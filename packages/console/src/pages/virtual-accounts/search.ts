import { z } from 'zod';
import { id, oneOf, text } from '../../search.ts';

/** What the address of the tree of virtual accounts holds. */
export const virtualAccountsSearch = z.object({
  search: text,
  /** Figures of each alone instead of with everything nested. */
  view: oneOf(['own']),
  state: oneOf(['short']),
  /** A tag key or one of its values, by id: those that carry it. */
  tag: id,
  /** The open panel. */
  open: id,
});
