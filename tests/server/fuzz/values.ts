import type { Random } from '@estover/protocol/testing';

/** The part of JSON Schema that the API's document uses. */
export interface Schema {
  type?: string | string[];
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  default?: unknown;
}

/** Things that exist, by the names under which requests ask for them; some of them belong to somebody else. */
export type Known = Record<string, readonly string[]>;

/** Text that has broken programs before. */
export const nastyText: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\r\nSet-Cookie: x=1',
  '=cmd|calc',
  '<img src=x onerror=alert(1)>',
  "'; drop table lots; --",
  '%_\\',
  '\u202eabc',
  '😀'.repeat(40),
  'x'.repeat(10_000),
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'null',
  '\ud800',
  'ﬁ',
];

const nastyNumbers: readonly unknown[] = [
  -1,
  0,
  1,
  2 ** 31,
  2 ** 53,
  Number.MAX_SAFE_INTEGER,
  1e308,
  0.5,
  '1',
  null,
  true,
  [],
  {},
];

const nastyInstants: readonly string[] = [
  '2026-11-22T12:00:00Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '2026-02-30T00:00:00Z',
  '2026-11-22T12:00:00.123456789Z',
  '-000001-01-01T00:00:00Z',
  '2026-11-22',
  '1970-01-01T00:00:00Z',
  '2016-12-31T23:59:60Z',
];

/** A value that fits the schema: something known for names that ask for it, else made up within the bounds. */
export function validValue(schema: Schema, name: string, known: Known, random: Random): unknown {
  const known_ = known[name];
  if (known_ !== undefined && random.chance(0.9)) return random.pick(known_);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return random.pick(schema.enum);
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return validValue(random.pick(options), name, known, random);
  const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type;
  switch (type) {
    case 'object': {
      const required = new Set(schema.required ?? []);
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([member]) => required.has(member) || random.chance(0.5))
          .map(([member, one]) => [member, validValue(one, member, known, random)]),
      );
    }
    case 'array': {
      const least = schema.minItems ?? 0;
      const length = least + random.below(Math.min(4, (schema.maxItems ?? 4) - least + 1));
      return Array.from({ length }, () => validValue(schema.items ?? {}, name, known, random));
    }
    case 'integer':
    case 'number': {
      const least = Math.max(schema.minimum ?? 0, -1000);
      const most = Math.min(schema.maximum ?? 1000, least + 1000);
      return random.pick([least, most, least + random.below(most - least + 1)]);
    }
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    default:
      return validText(schema, random);
  }
}

/** A value that fits the schema and lies on its bounds: the least and the most of everything. */
export function boundaryValue(schema: Schema, name: string, known: Known, random: Random): unknown {
  if (schema.properties !== undefined) {
    const all = random.chance(0.5);
    const required = new Set(schema.required ?? []);
    return Object.fromEntries(
      Object.entries(schema.properties)
        .filter(([member]) => all || required.has(member))
        .map(([member, one]) => [member, boundaryValue(one, member, known, random)]),
    );
  }
  if (known[name] !== undefined) return random.pick(known[name]);
  const { type, minimum, maximum, minLength, maxLength, minItems, maxItems, items } = schema;
  if (type === 'integer' || type === 'number') {
    return random.pick([minimum ?? -Number.MAX_SAFE_INTEGER, maximum ?? Number.MAX_SAFE_INTEGER]);
  }
  if (type === 'array' && items !== undefined) {
    const length = random.pick([minItems ?? 0, Math.min(maxItems ?? 1_000, 1_000)]);
    return Array.from({ length }, () => boundaryValue(items, name, known, random));
  }
  const isPlainText = type === 'string' && schema.format === undefined && schema.pattern === undefined;
  if (isPlainText && schema.enum === undefined) {
    const length = random.pick([minLength ?? 0, Math.min(maxLength ?? 10_000, 10_000)]);
    return random.pick(['x', 'Ä', '\u0416']).repeat(length);
  }
  return validValue(schema, name, known, random);
}

function validText(schema: Schema, random: Random): string {
  switch (schema.format) {
    case 'uuid':
      return '0193c5a0-0000-7000-8000-'.concat(String(random.below(1e9)).padStart(12, '0'));
    case 'date-time':
      return random.pick(nastyInstants.slice(0, 1).concat('2026-01-01T00:00:00Z', '2027-06-30T10:00:00Z'));
    case 'date':
      return random.pick(['2026-01-31', '2028-02-29', '2027-12-01']);
    case 'email':
      return `person${random.below(1000)}@fuzz.example`;
    default: {
      const length = Math.min(schema.maxLength ?? 12, Math.max(schema.minLength ?? 1, 1 + random.below(12)));
      return Array.from({ length }, () => random.pick([...'abcdefghijklmnopqrstuvwxyz0123456789'])).join('');
    }
  }
}

/** The same value with one thing wrong somewhere: another type, a bound crossed, a member too many or too few. */
export function brokenValue(
  schema: Schema,
  value: unknown,
  name: string,
  known: Known,
  random: Random,
): unknown {
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && random.chance(0.75)) {
    const members = Object.keys(value);
    const kind = random.below(4);
    if (kind === 0)
      return {
        ...value,
        [random.pick(['extra', '__proto__x', 'accountId', 'quantity_used'])]: random.pick(nastyNumbers),
      };
    const member = members.length === 0 ? undefined : random.pick(members);
    if (member === undefined) return random.pick(nastyNumbers);
    if (kind === 1) return Object.fromEntries(Object.entries(value).filter(([one]) => one !== member));
    const inner = schema.properties?.[member] ?? {};
    return {
      ...value,
      [member]: brokenValue(inner, (value as Record<string, unknown>)[member], member, known, random),
    };
  }
  if (Array.isArray(value) && value.length > 0 && random.chance(0.6)) {
    const index = random.below(value.length);
    return value.map((one, at) =>
      at === index ? brokenValue(schema.items ?? {}, one, name, known, random) : one,
    );
  }
  return random.pick<unknown>([
    ...(typeof value === 'number' ? nastyNumbers : []),
    ...(schema.format?.startsWith('date') ? nastyInstants : []),
    ...nastyText,
    random.pick(nastyNumbers),
    Array.from({ length: 300 }, () => value),
  ]);
}
