import { expect, test } from 'vitest';
import { errorsCsv } from './errors-csv.ts';

test('commas and quotes stay inside their field', () => {
  const csv = errorsCsv([
    { row: 3, column: 'sku', code: 'unknown-sku', detail: 'No "A,B". Did you mean "A-B"?' },
  ]);
  expect(csv).toBe('row,column,code,detail\r\n3,sku,unknown-sku,"No ""A,B"". Did you mean ""A-B""?"\r\n');
});

test('what looks like a formula stays text', () => {
  const csv = errorsCsv([{ row: 2, column: 'quantity', code: 'invalid', detail: '=1+1 is no quantity' }]);
  expect(csv).toContain(",'=1+1 is no quantity\r\n");
});
