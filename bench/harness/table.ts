import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { formatTarget, formatValue, judge, readFigures } from './results.ts';
import type { Figure } from './scenario.ts';

const document = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
const BEGIN = '<!-- figures: npm run bench -- --document -->';
const END = '<!-- /figures -->';

/** The figures as a table in Markdown. */
export function renderTable(figures: readonly Figure[]): string {
  const rows = figures.map(
    (figure) =>
      `| \`${figure.name}\` | ${formatValue(figure.value)} ${figure.unit} | ${formatTarget(figure.name)} | ${judge(figure)} | ${figure.note.replaceAll('|', '\\|')} |`,
  );
  return ['| figure | value | target | | note |', '|---|---:|---:|---|---|', ...rows].join('\n');
}

/**
 * A document with the figures between its two markers, in the order of their names.
 *
 * @throws when there are no markers
 */
export function insertTable(text: string, figures: readonly Figure[]): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(`docs/performance.md has no place between ${BEGIN} and ${END}.`);
  }
  const sorted = figures.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return `${text.slice(0, begin + BEGIN.length)}\n\n${renderTable(sorted)}\n\n${text.slice(end)}`;
}

/**
 * Puts the figures of bench/latest.json into docs/performance.md.
 *
 * @returns a sentence on what was done
 * @throws when there are no figures
 */
export async function documentFigures(): Promise<string> {
  const figures = await readFigures();
  if (figures.length === 0) throw new Error('There are no figures yet. Run "npm run bench" first.');
  await writeFile(document, insertTable(await readFile(document, 'utf8'), figures));
  return `${figures.length} figures are in docs/performance.md now.`;
}
