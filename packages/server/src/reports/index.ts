export { csvFile } from './csv-writer.ts';
export { type ColumnOf, rowsOf } from './report.ts';
