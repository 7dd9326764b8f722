import { type Cell, isInstant, type Report } from './report.ts';

const jsonCell = (cell: Cell): unknown => (isInstant(cell) ? cell.toString() : cell);

/** A report as one JSON object with its rows as objects; a row stands on a line of its own. */
export async function* jsonFile(report: Report, generatedAt: Temporal.Instant): AsyncGenerator<string> {
  yield `{"report":${JSON.stringify(report.name)},"generatedAt":"${generatedAt}","rows":[`;
  let separator = '\n';
  for await (const rows of report.batches) {
    const texts: string[] = [];
    for (const row of rows) {
      const members = report.columns.map((column, index) => [column.key, jsonCell(row[index] ?? null)]);
      texts.push(separator + JSON.stringify(Object.fromEntries(members)));
      separator = ',\n';
    }
    yield texts.join('');
  }
  yield '\n]}\n';
}
