import { jsonSchema, type Operation } from '@estover/protocol';
import { meanings } from './meanings.ts';
import { kebab } from './naming.ts';

/** How the words of an option become a value; the last three are looked up on the server. `json` is what is deeper. */
export type OptionKind =
  | 'text'
  | 'secret'
  | 'number'
  | 'flag'
  | 'instant'
  | 'json'
  | 'account'
  | 'virtual-account'
  | 'scope';

/** An option of a command, and the member of the request that it fills. */
export interface Option {
  flag: string;
  place: 'params' | 'query' | 'body';
  /** Names of members from the place down. */
  path: readonly string[];
  kind: OptionKind;
  meaning: string;
  /** The values it takes; null if any. */
  values: readonly string[] | null;
  /** Takes `none`, for null. */
  nullable: boolean;
  /** Is given once for each value. */
  multiple: boolean;
  required: boolean;
  /** What holds without it, in words; null if nothing is said. */
  fallback: string | null;
}

/** All that can be said of an operation by options. */
export interface OptionSet {
  options: readonly Option[];
  /** Whether it has a JSON body, which `--body` can give as well. */
  takesBody: boolean;
}

/** What the JSON Schemas of requests are made of. */
export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  description?: string;
  default?: unknown;
}

/** Options that commands have beside those of their operation, so that none may be called like them. */
export const commonFlags = [
  'all',
  'body',
  'csv',
  'cursor',
  'dry-run',
  'help',
  'idempotency-key',
  'json',
  'limit',
  'output',
  'profile',
  'yes',
] as const;

const aVirtualAccount =
  /^(virtualAccountIds?|(from|to)VirtualAccountId|parentId|within|(contents|licenses|productInstances|tokens|children)To)$/;
const secretMember = /^(password|token|clientSecret)$/;
/** Ids that are no id of ours and keep their whole name. */
const foreignIds = new Set(['clientId', 'entityId']);

const flagOf = (path: readonly string[]): string => {
  const name = path.map(kebab).join('-');
  return foreignIds.has(path.at(-1) ?? '') ? name : name.replace(/-ids?$/, '');
};

/** Of a shape that may be null, the shape without that. */
function notNull(schema: Schema): { schema: Schema; nullable: boolean } {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices === undefined) return { schema, nullable: false };
  const others = choices.filter(({ type }) => type !== 'null');
  const nullable = others.length < choices.length;
  if (others.length === 1) return { schema: { ...schema, anyOf: undefined, ...others[0] }, nullable };
  return { schema: { ...schema, anyOf: others, oneOf: undefined }, nullable };
}

const isScope = (schema: Schema): boolean =>
  choicesOf(schema).some(({ properties }) => properties?.['virtualAccounts'] !== undefined) &&
  choicesOf(schema).some(({ properties }) => properties?.['kind']?.const === 'account');

const choicesOf = (schema: Schema): Schema[] => schema.oneOf ?? schema.anyOf ?? [];

/** An object, or a choice of objects as one with the members of all: required is what all require. */
function asObject(schema: Schema): Schema | null {
  if (schema.properties !== undefined) return schema;
  const choices = choicesOf(schema);
  if (choices.length === 0 || choices.some(({ properties }) => properties === undefined)) return null;
  const properties: Record<string, Schema> = {};
  for (const choice of choices) {
    for (const [name, member] of Object.entries(choice.properties ?? {})) {
      const known = properties[name];
      properties[name] =
        known === undefined
          ? member
          : { ...member, const: undefined, enum: [...valuesOf(known), ...valuesOf(member)] };
    }
  }
  const required = Object.keys(properties).filter((name) =>
    choices.every((choice) => choice.required?.includes(name)),
  );
  return { properties, required };
}

const valuesOf = ({ enum: values, const: only }: Schema): unknown[] =>
  values ?? (only === undefined ? [] : [only]);

function kindOf(name: string, schema: Schema, inAccount: boolean): OptionKind | null {
  if (isScope(schema)) return 'scope';
  if (name === 'accountId') return 'account';
  if (inAccount && aVirtualAccount.test(name)) return 'virtual-account';
  if (schema.type === 'boolean') return 'flag';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.format === 'date-time') return 'instant';
  const choices = choicesOf(schema);
  const isText =
    schema.type === 'string' || (choices.length > 0 && choices.every(({ type }) => type === 'string'));
  if (!isText) return null;
  return secretMember.test(name) ? 'secret' : 'text';
}

const inWords = (name: string): string => kebab(name).replaceAll('-', ' ');

function fallbackOf(value: unknown): string | null {
  if (value === undefined || value === null || value === '' || typeof value === 'object') return null;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

/** A shape in a line: `{ tag, quantity, lots? }`. */
function outline(schema: Schema): string {
  const { schema: plain } = notNull(schema);
  if (plain.items !== undefined) return `list of ${outline(plain.items)}`;
  const object = asObject(plain);
  if (object?.properties === undefined) return plain.format ?? plain.type ?? 'value';
  const members = Object.keys(object.properties).map((name) =>
    object.required?.includes(name) ? name : `${name}?`,
  );
  return `{ ${members.join(', ')} }`;
}

/** The options of an operation: one for each scalar of its request, for each list, and for whatever else is deeper. */
export function optionsOf(operation: Operation): OptionSet {
  const inAccount = operation.path.includes('{accountId}');
  const options: Option[] = [];

  const visit = (
    place: Option['place'],
    object: Schema,
    before: readonly string[],
    isNeeded: boolean,
  ): void => {
    for (const [name, whole] of Object.entries(object.properties ?? {})) {
      if (place === 'query' && before.length === 0 && (name === 'limit' || name === 'cursor')) continue;
      const path = [...before, name];
      const required = isNeeded && (object.required?.includes(name) ?? false);
      const { schema, nullable } = notNull(whole);
      const list = schema.type === 'array' && schema.items !== undefined;
      const one = list ? notNull(schema.items as Schema).schema : schema;
      const kind = kindOf(name, one, inAccount);
      if (kind === null) {
        const inner = list ? null : asObject(one);
        if (inner !== null && path.length < 3) {
          visit(place, inner, path, required);
          continue;
        }
      }
      const values = kind === 'text' ? valuesOf(one).map(String) : [];
      const flag = name === 'from' && kind === 'instant' ? 'since' : flagOf(path);
      options.push({
        flag,
        place,
        path,
        kind: kind ?? 'json',
        meaning:
          kind === null
            ? outline(one)
            : (meanings[`${operation.name}.${name}`] ?? meanings[name] ?? whole.description ?? inWords(name)),
        values: values.length === 0 ? null : [...new Set(values)],
        nullable: nullable && kind !== 'flag',
        multiple: list || kind === 'scope',
        required,
        fallback: fallbackOf(whole.default),
      });
    }
  };

  visit('params', jsonSchema(operation.params, 'input') as Schema, [], true);
  visit('query', jsonSchema(operation.query, 'input') as Schema, [], true);
  const body =
    operation.bodyMedia === undefined ? asObject(jsonSchema(operation.body, 'input') as Schema) : null;
  if (body !== null) visit('body', body, [], true);
  return { options, takesBody: body !== null };
}
