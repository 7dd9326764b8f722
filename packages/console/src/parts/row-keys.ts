import { type RefObject, useEffect } from 'react';

/** Where keys are text or belong to something else: fields, open dialogs and menus. */
const busy =
  'input:not([type="checkbox"]), textarea, select, [contenteditable], [role="dialog"], [role="menu"]';

/**
 * j and k move between the rows of a list, x selects the row; Enter then follows the row's link as links do.
 *
 * @param list the element that holds rows marked `data-row` with a link marked `data-row-link`
 */
export function useRowKeys(list: RefObject<HTMLElement | null>, enabled: boolean): void {
  useEffect(() => {
    if (!enabled) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || !['j', 'k', 'x'].includes(event.key)) return;
      if (event.target instanceof Element && event.target.closest(busy)) return;
      if (document.querySelector('[role="dialog"]') !== null) return;
      const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
      const here = rows.findIndex((row) => row.contains(document.activeElement));
      if (event.key === 'x') {
        rows[here]?.querySelector<HTMLElement>('[data-row-pick]')?.click();
        return;
      }
      const target = rows[Math.min(rows.length - 1, Math.max(0, here + (event.key === 'j' ? 1 : -1)))];
      const focus =
        target?.querySelector<HTMLElement>('[data-row-link]') ??
        target?.querySelector<HTMLElement>('[data-row-pick]');
      focus?.focus();
      target?.scrollIntoView({ block: 'nearest' });
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [list, enabled]);
}
