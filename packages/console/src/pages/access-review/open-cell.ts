import { type RefObject, useEffect } from 'react';

/**
 * Keeps the cell whose panel is open in sight: the panel takes room from the table, which scrolls sideways then.
 *
 * @param openCell names the open cell; null where none is
 */
export function useOpenCellInSight(matrix: RefObject<HTMLElement | null>, openCell: string | null): void {
  useEffect(() => {
    const { current } = matrix;
    if (openCell === null || current === null) return;
    const show = () => {
      const cell = current.querySelector('[data-cell-open]')?.closest('td');
      const room = current.querySelector('[data-overflows]');
      if (cell == null || room === null) return;
      const hidden = cell.getBoundingClientRect().right - room.getBoundingClientRect().right;
      if (hidden > 0) room.scrollLeft += hidden;
    };
    // The table finds out that it is wider than its room in the same moment; a frame later it scrolls.
    const observer = new ResizeObserver(() => requestAnimationFrame(show));
    observer.observe(current);
    return () => observer.disconnect();
  }, [matrix, openCell]);
}
