import { readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Figure } from './scenario.ts';
import { targetOf } from './targets.ts';

const latest = fileURLToPath(new URL('../latest.json', import.meta.url));

/** The begin of a note that voids its figure. */
const FAILED = 'failed:';
export const hasFailed = ({ note }: Figure): boolean => note.startsWith(FAILED);

/** Marks a figure as void, because what was measured did not work. */
export const failed = (figure: Figure, why: string): Figure => ({
  ...figure,
  note: `${FAILED} ${why}; ${figure.note}`,
});

/** The figures of earlier runs; none when there was none. */
export async function readFigures(file = latest): Promise<Figure[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return [];
  }
  try {
    const read: unknown = JSON.parse(text);
    if (Array.isArray(read) && read.every(isFigure)) return read;
    throw new TypeError('not a list of figures');
  } catch {
    throw new Error(`${file} is damaged. Remove it and run the bench again.`);
  }
}

function isFigure(value: unknown): value is Figure {
  const { name, value: number, unit, note } = { ...(value as Partial<Figure> | null) };
  return (
    typeof number === 'number' &&
    [name, unit, note].every((text: string | undefined) => typeof text === 'string')
  );
}

/** Writes figures to bench/latest.json: those of the same name are replaced, the others of earlier runs stay. */
export async function mergeFigures(fresh: readonly Figure[], file = latest): Promise<void> {
  const names = new Set(fresh.map(({ name }) => name));
  const kept = (await readFigures(file)).filter(({ name }) => !names.has(name));
  const lines = [...kept, ...fresh].map((figure) => `  ${JSON.stringify(figure)}`);
  await writeFile(`${file}.new`, `[\n${lines.join(',\n')}\n]\n`);
  await rename(`${file}.new`, file);
}

/** Three significant digits, whole numbers from 100 on. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** `ok`, `short` of what it should reach, or empty where nothing was promised. */
export function judge(figure: Figure): string {
  if (hasFailed(figure)) return 'failed';
  const target = targetOf(figure.name);
  if (target === undefined) return '';
  const reached = target.atLeast ? figure.value >= target.value : figure.value <= target.value;
  return reached ? 'ok' : 'short';
}

/** `≥ 10,000` or `≤ 15`; empty where nothing was promised. */
export function formatTarget(name: string): string {
  const target = targetOf(name);
  return target === undefined ? '' : `${target.atLeast ? '≥' : '≤'} ${formatValue(target.value)}`;
}

/** The figures as lines for a terminal, in columns. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    formatValue(figure.value),
    figure.unit,
    formatTarget(figure.name),
    judge(figure),
    figure.note,
  ]);
  const all = [['figure', 'value', 'unit', 'target', '', 'note'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
