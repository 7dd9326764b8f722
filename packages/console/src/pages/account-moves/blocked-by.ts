import type { Preview } from './move-words.ts';

/** Why nobody can be asked yet, as far as the preview says. */
export function blockedBy(preview: Preview | undefined, isPending: boolean): string | null {
  if (preview === undefined || isPending) return 'Wait until it is seen what would happen.';
  return preview.inTheWay.length > 0 ? 'Mend what is in the way first.' : null;
}
