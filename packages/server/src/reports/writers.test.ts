import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { csvFile } from './csv-writer.ts';
import { jsonFile } from './json-writer.ts';
import { type Cell, type Report, type Row, StoredInstant } from './report.ts';
import { xlsxFile, xmlText } from './xlsx-writer.ts';

const at = Temporal.Instant.from('2026-11-22T12:00:00Z');

function reportOf(rows: readonly Row[], rowsOfBatch = 2): Report {
  async function* batches() {
    for (let first = 0; first < rows.length; first += rowsOfBatch)
      yield rows.slice(first, first + rowsOfBatch);
  }
  return {
    name: 'test',
    title: 'Test & more',
    columns: ['first', 'second'].map((key) => ({ key, title: key, width: 10 })),
    batches: batches(),
  };
}

async function textOf(stream: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('CSV: what looks like a formula gets an apostrophe, everything else stays as it was', async () => {
  const cells: [Cell, string][] = [
    ['=1+1', "'=1+1"],
    ['+49 30', "'+49 30"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', "'\rx"],
    ['\uFF1Dx', "'\uFF1Dx"],
    ['a=1', 'a=1'],
    ['5%', '5%'],
    ['', ''],
    [null, ''],
    [-2, '-2'],
    [1.5, '1.5'],
    [['=a', 'b'], "'=a / b"],
    [['Europe', 'Berlin'], 'Europe / Berlin'],
    [at, '2026-11-22T12:00:00Z'],
    ['a,"b"\r\nc', 'a,"b"\r\nc'],
  ];
  const text = await textOf(csvFile(reportOf(cells.map(([cell]) => [cell, 'x']))));
  const rows: string[][] = parse(text, { bom: true, record_delimiter: '\r\n' });
  expect(rows.slice(1).map((row) => row[0])).toEqual(cells.map(([, written]) => written));
});

test('JSON: rows are objects, lists stay lists, and nothing is changed', async () => {
  const text = await textOf(
    jsonFile(
      reportOf([
        ['=1', ['a', 'b']],
        [null, 2],
        [at, ''],
      ]),
      at,
    ),
  );
  expect(JSON.parse(text)).toEqual({
    report: 'test',
    generatedAt: '2026-11-22T12:00:00Z',
    rows: [
      { first: '=1', second: ['a', 'b'] },
      { first: null, second: 2 },
      { first: '2026-11-22T12:00:00Z', second: '' },
    ],
  });
  expect(JSON.parse(await textOf(jsonFile(reportOf([]), at)))).toMatchObject({ rows: [] });
});

test('XLSX: what does not fit into a sheet goes on in the next, each with its heading', async () => {
  const rows = Array.from({ length: 7 }, (_, index) => [`row ${index}`, index] as const);
  const parts = unzipSync(await bytesOf(xlsxFile(reportOf(rows, 3), at, 4)));
  const sheets = [1, 2, 3].map((n) => strFromU8(parts[`xl/worksheets/sheet${n}.xml`] ?? new Uint8Array()));
  expect(sheets.map((sheet) => sheet.match(/<row>/g)?.length)).toEqual([4, 4, 2]);
  for (const sheet of sheets) {
    expect(sheet).toContain('<is><t>first</t></is>');
    expect(sheet.endsWith('</sheetData></worksheet>')).toBe(true);
  }
  expect(sheets.join('').match(/row \d/g)).toEqual(rows.map(([name]) => name));
  const workbook = strFromU8(parts['xl/workbook.xml'] ?? new Uint8Array());
  expect(workbook.match(/name="[^"]*"/g)).toEqual([
    'name="Test &amp; more"',
    'name="Test &amp; more 2"',
    'name="Test &amp; more 3"',
  ]);
  expect(strFromU8(parts['[Content_Types].xml'] ?? new Uint8Array())).toContain('/xl/worksheets/sheet3.xml');
});

test('XLSX: a text longer than a cell takes is cut with a mark, blanks at its ends stay', async () => {
  const parts = unzipSync(await bytesOf(xlsxFile(reportOf([['x'.repeat(40_000), ' a ']]), at)));
  const sheet = strFromU8(parts['xl/worksheets/sheet1.xml'] ?? new Uint8Array());
  expect(sheet).toContain(`${'x'.repeat(32_766)}…</t>`);
  expect(sheet).toContain('<t xml:space="preserve"> a </t>');
});

test('law: every text comes back from XML, and what is written is always well-formed', () => {
  const decode = (xml: string) =>
    xml
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
      .replaceAll(/_x([0-9A-F]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc
          .array(fc.constantFrom('_x0041_', '_', 'x0041_', '\u0000', '\r', '\uFFFE', '<', '&amp;', 'a'))
          .map((parts) => parts.join('')),
      ),
      (text) => {
        const xml = xmlText(text);
        expect(xml).not.toMatch(/[<>"\r\uFFFE\uFFFF]/);
        expect(decode(xml)).toBe(text.toWellFormed());
      },
    ),
  );
});

test('reads instants as the database writes them, to the same text and milliseconds as Temporal', () => {
  fc.assert(
    fc.property(
      fc.date({
        min: new Date('0001-01-01T00:00:00Z'),
        max: new Date('9999-12-31T23:59:59Z'),
        noInvalidDate: true,
      }),
      fc.integer({ min: 0, max: 999_999 }),
      (date, microseconds) => {
        fc.pre(date.getUTCFullYear() >= 100);
        const fraction = `.${String(microseconds).padStart(6, '0')}`.replace(/\.?0+$/, '');
        const day = date.toISOString().slice(0, 19);
        const stored = new StoredInstant(`${day.replace('T', ' ')}${fraction}+00`);
        const instant = Temporal.Instant.from(`${day}${fraction}Z`);
        expect(stored.toString()).toBe(instant.toString());
        expect(stored.epochMilliseconds).toBe(instant.epochMilliseconds);
      },
    ),
  );
  expect(() => new StoredInstant('infinity')).toThrow(RangeError);
  expect(() => new StoredInstant('2026-11-22 12:00:00+01')).toThrow(RangeError);
});
