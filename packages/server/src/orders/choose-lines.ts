import { Refused } from '../edge/refused.ts';
import type { LockedLine, LockedOrder } from './lock-order.ts';

/**
 * The lines a request means: those it names, which must all exist and allow it, or else every line that allows it, of
 * which there must be one. `refuse` says in words why a line does not allow it, or null.
 */
export function chooseLines(
  order: LockedOrder,
  named: readonly number[] | undefined,
  why: (line: LockedLine) => string | null,
): LockedLine[] {
  const byNumber = new Map(order.lines.map((line) => [line.lineNumber, line]));
  if (named === undefined) {
    const chosen = order.lines.filter((line) => why(line) === null);
    if (chosen.length > 0) return chosen;
    throw refusal(order.lines.map((line) => ({ lineNumber: line.lineNumber, detail: why(line) ?? '' })));
  }
  const errors: { lineNumber: number; detail: string }[] = [];
  const chosen: LockedLine[] = [];
  for (const lineNumber of new Set(named)) {
    const line = byNumber.get(lineNumber);
    const detail = line === undefined ? `There is no line ${lineNumber}.` : why(line);
    if (detail !== null) errors.push({ lineNumber, detail });
    else if (line !== undefined) chosen.push(line);
  }
  if (errors.length > 0) throw refusal(errors);
  return chosen;
}

function refusal(errors: readonly { lineNumber: number; detail: string }[]): Refused {
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new Refused('order-state', `${errors[0]?.detail ?? ''}${more}`, {
    errors: errors.map(({ lineNumber, detail }) => ({ pointer: 'body/lines', lineNumber, detail })),
  });
}
