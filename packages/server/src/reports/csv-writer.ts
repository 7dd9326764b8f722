import { stringify } from 'csv-stringify/sync';
import { type Cell, isInstant, joined, type Report } from './report.ts';

/**
 * What a spreadsheet would take for a formula when it opens the file, also in its full-width forms. Such text gets an
 * apostrophe before it, which spreadsheets do not show (OWASP, CSV injection). Numbers are no text and stay as they are.
 */
const formula = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

const safe = (text: string): string => (formula.test(text) ? `'${text}` : text);

function csvCell(cell: Cell): string | number {
  if (cell === null) return '';
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'string') return safe(cell);
  return isInstant(cell) ? cell.toString() : safe(joined(cell));
}

/** A report as CSV (RFC 4180) in UTF-8, with the mark by which spreadsheets know the encoding. */
export async function* csvFile(report: Report): AsyncGenerator<string> {
  const write = (rows: (string | number)[][]) => stringify(rows, { record_delimiter: 'windows' });
  yield `\uFEFF${write([report.columns.map((column) => column.title)])}`;
  for await (const rows of report.batches) yield write(rows.map((row) => row.map(csvCell)));
}
