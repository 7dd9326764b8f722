import { Zip } from 'fflate';
import { CompressedPart } from './compressed-part.ts';
import {
  type Cell,
  type Column,
  isInstant,
  joined,
  type Report,
  type Row,
  type StoredInstant,
} from './report.ts';

/*
 * A spreadsheet (ECMA-376 Office Open XML) written row by row. Texts are written into their cells as typed strings, so
 * that nothing is ever a formula and no table of strings has to be kept; instants are real dates in UTC.
 */

/** Rows of a sheet, the heading included, as many as spreadsheets take; more go on in another sheet. */
const rowsOfSheet = 1_048_576;

/** The longest text that a cell takes, in UTF-16 units. */
const longestText = 32_767;

/** Index into the cell formats of the style sheet below. */
const style = { heading: 1, date: 2 } as const;

const xmlEscapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Most text holds nothing of this, and a large file is mostly text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that have to go
const needsEscape = /[&<>"\x00-\x08\x0B-\x1F\uD800-\uDFFF\uFFFE\uFFFF]|_x[0-9A-Fa-f]{4}_/;

/**
 * Text as XML may hold it. Characters that XML has no place for are written as `_xHHHH_`, which spreadsheets read as
 * the character (ECMA-376 22.9.2.19); text that happens to look like that is kept apart from it.
 */
export function xmlText(text: string): string {
  if (!needsEscape.test(text)) return text;
  return text
    .toWellFormed()
    .replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replaceAll(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that have to go
      /[\x00-\x08\x0B-\x1F\uFFFE\uFFFF]/g,
      (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
    .replaceAll(/[&<>"]/g, (character) => xmlEscapes[character] ?? character);
}

function textCell(text: string, format = ''): string {
  const shown = text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
  const space = /^\s|\s$/.test(shown) ? ' xml:space="preserve"' : '';
  return `<c${format} t="inlineStr"><is><t${space}>${xmlText(shown)}</t></is></c>`;
}

/** Days since the spreadsheets' day 0, 1899-12-30. */
const serialDate = (instant: Temporal.Instant | StoredInstant): number =>
  instant.epochMilliseconds / 86_400_000 + 25_569;

function xlsxCell(cell: Cell): string {
  if (cell === null) return '<c/>';
  if (typeof cell === 'number') return `<c><v>${cell}</v></c>`;
  if (typeof cell === 'string') return textCell(cell);
  return isInstant(cell) ? `<c s="${style.date}"><v>${serialDate(cell)}</v></c>` : textCell(joined(cell));
}

/** Text is added cell by cell: a list of all cells first would be most of what a large file leaves to collect. */
function sheetRows(rows: readonly Row[], from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index++) {
    text += '<row>';
    for (const cell of rows[index] ?? []) text += xlsxCell(cell);
    text += '</row>';
  }
  return text;
}

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

function sheetStart(columns: readonly Column[]): string {
  const widths = columns.map(
    ({ width }, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
  );
  const heading = columns.map((column) => textCell(column.title, ` s="${style.heading}"`));
  return `${declaration}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData><row>${heading.join('')}</row>`;
}

const styles = `${declaration}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

/** The small parts that tie the sheets together; how many there are is known only at the end. */
function frameParts(title: string, sheets: number): Record<string, string> {
  const numbers = Array.from({ length: sheets }, (_, index) => index + 1);
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const sheetList = numbers.map(
    (n) => `<sheet name="${xmlText(n === 1 ? title : `${title} ${n}`)}" sheetId="${n}" r:id="rId${n}"/>`,
  );
  const links = numbers.map(
    (n) => `<Relationship Id="rId${n}" Type="${relationships}/worksheet" Target="worksheets/sheet${n}.xml"/>`,
  );
  const overrides = numbers.map(
    (n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${type}.worksheet+xml"/>`,
  );
  const packageRelationships = 'http://schemas.openxmlformats.org/package/2006/relationships';
  return {
    'xl/styles.xml': styles,
    'xl/workbook.xml': `${declaration}<workbook xmlns="${main}" xmlns:r="${relationships}"><sheets>${sheetList.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${declaration}<Relationships xmlns="${packageRelationships}">${links.join('')}<Relationship Id="rId${sheets + 1}" Type="${relationships}/styles" Target="styles.xml"/></Relationships>`,
    '_rels/.rels': `${declaration}<Relationships xmlns="${packageRelationships}"><Relationship Id="rId1" Type="${relationships}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    '[Content_Types].xml': `${declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/>${overrides.join('')}</Types>`,
  };
}

/** A report as a spreadsheet with a bold heading that stays in view. `limit` is the rows of a sheet, for tests. */
export async function* xlsxFile(
  report: Report,
  at: Temporal.Instant,
  limit = rowsOfSheet,
): AsyncGenerator<Uint8Array> {
  const written: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else if (chunk.length > 0) written.push(chunk);
  });
  const take = (): Uint8Array[] => {
    if (failure !== null) throw failure;
    return written.splice(0);
  };
  const add = (filename: string): CompressedPart => {
    const part = new CompressedPart(filename, at);
    zip.add(part);
    return part;
  };

  let sheets = 1;
  let rowsLeft = limit - 1;
  let sheet = add('xl/worksheets/sheet1.xml');
  try {
    await sheet.write(sheetStart(report.columns));
    for await (const batch of report.batches) {
      for (let first = 0; first < batch.length; ) {
        if (rowsLeft === 0) {
          await endSheet(sheet);
          sheets++;
          rowsLeft = limit - 1;
          sheet = add(`xl/worksheets/sheet${sheets}.xml`);
          await sheet.write(sheetStart(report.columns));
        }
        const count = Math.min(rowsLeft, batch.length - first);
        await sheet.write(sheetRows(batch, first, first + count));
        first += count;
        rowsLeft -= count;
      }
      yield* take();
    }
    await endSheet(sheet);
    for (const [filename, text] of Object.entries(frameParts(report.title, sheets))) {
      const part = add(filename);
      await part.write(text);
      await part.end();
    }
    zip.end();
    yield* take();
  } finally {
    zip.terminate();
  }
}

async function endSheet(sheet: CompressedPart): Promise<void> {
  await sheet.write('</sheetData></worksheet>');
  await sheet.end();
}
