import { describe, expect, test } from 'vitest';
import { csvHead } from './csv-head.ts';

describe('the first records of a CSV file', () => {
  test('fields with commas, quotes and line ends stay whole', () => {
    const text = '\uFEFFa,b\r\n"x, y","say ""hi""\nthere"\r\n';
    expect(csvHead(text, 10, true)).toEqual([
      ['a', 'b'],
      ['x, y', 'say "hi"\nthere'],
    ]);
  });

  test('no more than asked for', () => {
    expect(csvHead('a\n1\n2\n3\n', 2, true)).toEqual([['a'], ['1']]);
  });

  test('a record that is cut off is left out while more is to come', () => {
    expect(csvHead('a,b\n1,2\n3,', 10, false)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
    expect(csvHead('a,b\n1,"2\n', 10, false)).toEqual([['a', 'b']]);
  });

  test('the last record needs no line end', () => {
    expect(csvHead('a,b\n1,', 10, true)).toEqual([
      ['a', 'b'],
      ['1', ''],
    ]);
  });
});
