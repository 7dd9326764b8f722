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
 * Puts the figures of bench/latest.json between the two markers of docs/performance.md.
 *
 * @returns a sentence on what was done
 * @throws when there are no figures or no markers
 */
export async function documentFigures(): Promise<string> {
  const figures = (await readFigures()).toSorted((a, b) =>
    a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
  if (figures.length === 0) throw new Error('There are no figures yet. Run "npm run bench" first.');
  const text = await readFile(document, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin)
    throw new Error(`docs/performance.md has no place between ${BEGIN} and ${END}.`);
  const head = text.slice(0, begin + BEGIN.length);
  await writeFile(document, `${head}\n\n${renderTable(figures)}\n\n${text.slice(end)}`);
  return `${figures.length} figures are in docs/performance.md now.`;
}
