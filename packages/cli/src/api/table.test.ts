import { operations } from '@estover/protocol';
import { describe, expect, test } from 'vitest';
import { apiCommands } from './api-commands.ts';
import { chosenColumns } from './chosen-columns.ts';
import { meanings } from './meanings.ts';
import type { Schema } from './options.ts';
import { cell, columnsOf, createTable, namedColumns, recordLines } from './table.ts';

const commands = apiCommands(operations.values()).map(({ load }) => load());

describe('what is chosen by hand', () => {
  test.each(Object.entries(chosenColumns))('the columns of %s are in its shape', (name, paths) => {
    const command = commands.find(({ operation }) => operation.name === name);
    const has = (schema: Schema | undefined, [first, ...rest]: string[]): boolean => {
      if (first === undefined) return schema !== undefined;
      const shape = schema?.anyOf?.find(({ type }) => type !== 'null') ?? schema;
      return has((shape?.items ?? shape)?.properties?.[first], rest);
    };
    const item = command?.answer.properties?.['items']?.items;
    expect(paths.filter((path) => !has(item, path.split('.')))).toEqual([]);
    expect(paths.length).toBeLessThanOrEqual(7);
  });

  test('the words of options are of members that there are', () => {
    const members = commands.flatMap(({ options, operation }) =>
      options.flatMap(({ path }) => [path.at(-1), `${operation.name}.${path.at(-1)}`]),
    );
    const deeper = new Set(['administrator', 'contact', 'requester']);
    expect(Object.keys(meanings).filter((name) => !members.includes(name) && !deeper.has(name))).toEqual([]);
  });
});

describe('columns', () => {
  const text = { type: 'string' };
  const item: Schema = {
    properties: {
      thingId: text,
      parentId: text,
      name: text,
      description: text,
      path: { type: 'array', items: text },
      role: { anyOf: [text, { type: 'null' }] },
      maker: { type: 'object', properties: { makerId: text, name: text } },
      parts: { type: 'array', items: { type: 'object', properties: { x: text } } },
    },
  };

  test('are its id, its path in place of its name, single values, and names of things in it', () => {
    expect(columnsOf(item).map(({ title }) => title)).toEqual(['thing id', 'path', 'role', 'maker']);
    const row = { thingId: 'a', path: ['EMEA', 'Lyon'], role: null, maker: { name: 'Ana' } };
    expect(createTable(columnsOf(item), null)([row])).toEqual([
      'THING ID  PATH         ROLE  MAKER',
      'a         EMEA / Lyon  –     Ana',
    ]);
  });

  test('that are named look into things and lists of them', () => {
    const row = {
      grants: [{ role: 'viewer' }, { role: 'approver' }, { role: 'viewer' }],
      person: { name: 'Ana' },
    };
    const columns = namedColumns(['person.name', 'grants.role', 'missing.name']);
    expect(columns.map(({ title }) => title)).toEqual(['person', 'role', 'missing']);
    expect(columns.map(({ value }) => value(row))).toEqual(['Ana', ['approver', 'viewer'], undefined]);
  });

  test('keep their widths and their one header over pages, and are cut for the eye alone', () => {
    const columns = [{ title: 'text', value: (row: unknown) => row }];
    const long = 'x'.repeat(80);
    const kept = createTable(columns, null);
    expect([kept(['a']), kept([long])]).toEqual([['TEXT', 'a'], [long]]);
    expect(createTable(columns, 100)([long])[1]).toBe(`${'x'.repeat(59)}…`);
  });
});

test.each([
  [null, '–'],
  ['', '–'],
  [[], '–'],
  [true, 'yes'],
  [0, '0'],
  ['2026-11-22T12:00:00Z', '2026-11-22 12:00Z'],
  ['2026-11-22T12:00:07.123Z', '2026-11-22 12:00Z'],
  [['a', 'b'], 'a, b'],
  ['a\u001b[2Jb', 'a [2Jb'],
])('the cell of %j is %s', (value, shown) => {
  expect(cell(value)).toBe(shown);
});

test('a record says what is a secret, once, and shows lists below', () => {
  const answer = {
    apiKey: { apiKeyId: 'k', previousSecret: null },
    secret: 'esak_x',
    people: [{ email: 'a@b.example', invitationLink: 'http://x' }],
  };
  const shape: Schema = {
    properties: {
      people: { items: { properties: { email: { type: 'string' }, invitationLink: { type: 'string' } } } },
    },
  };
  expect(recordLines(answer, shape, true, null)).toEqual([
    'api key id           k',
    'previous secret      –',
    'secret (shown once)  esak_x',
    '',
    'people:',
    'EMAIL        INVITATION LINK (SECRET, SHOWN ONCE)',
    'a@b.example  http://x',
  ]);
});
