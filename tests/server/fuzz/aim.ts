import type { Random } from '@estover/protocol/testing';
import { checkOf, type DocumentedOperation } from './documented.ts';
import { boundaryValue, brokenValue, type Known, nastyText, type Schema, validValue } from './values.ts';
import type { Caller, World } from './world.ts';

/** A request as it goes out, and what its answer must be. */
export interface Shot {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** What is wrong with an answer to it, by its status alone; null when nothing is. */
  statusFault(status: number): string | null;
}

/** The ways to ask, each tried with every operation where it makes sense. */
export const ways = [
  'valid',
  'boundary',
  'wrong-type',
  'extra-field',
  'missing-field',
  'unknown-parameter',
  'not-signed-in',
  'foreign-account',
  'foreign-ids',
  'foreign-cursor',
  'anything',
] as const;
export type Way = (typeof ways)[number];

type Parameter = DocumentedOperation['parameters'][number];

/** What a shot is made of; each way puts in its own. */
interface Parts {
  valueOf(parameter: Parameter): unknown;
  body: unknown;
  statusFault?: Shot['statusFault'];
  query?: Record<string, string>;
}

const mustBeRefused = (status: number): string | null => (status < 400 ? 'it was taken' : null);
const mustBe =
  (...wanted: number[]): Shot['statusFault'] =>
  (status) =>
    wanted.includes(status) ? null : `the status is ${status} and not ${wanted.join(' or ')}`;

/** A request in one of the ways; undefined where the operation has nothing to do it with. */
export function aim(
  documented: DocumentedOperation,
  way: Way,
  world: World,
  cursors: readonly string[],
  random: Random,
): { shot: Shot; caller: Caller } | undefined {
  const { operation, parameters, body } = documented;
  const { administrator, viewer, virtualAccountUser, nobody } = world.callers;
  const own = world.own.known;
  const valid = (known: Known): Parts => ({
    valueOf: (parameter) => validValue(parameter.schema, parameter.name, known, random),
    body: body === null ? undefined : validValue(body.schema, 'body', known, random),
  });
  const shoot = (caller: Caller, parts: Parts) => ({
    caller,
    shot: makeShot(documented, caller, parts, random),
  });
  const isAccounts = operation.permission.at === 'account';
  switch (way) {
    case 'valid':
      return shoot(random.pick([administrator, administrator, viewer, virtualAccountUser]), valid(own));
    case 'boundary':
      return shoot(administrator, {
        valueOf: (parameter) =>
          parameter.in === 'path'
            ? validValue(parameter.schema, parameter.name, own, random)
            : boundaryValue(parameter.schema, parameter.name, own, random),
        body: body === null ? undefined : boundaryValue(body.schema, 'body', own, random),
      });
    case 'wrong-type':
    case 'extra-field':
    case 'missing-field': {
      if (body === null || operation.bodyMedia !== undefined) return undefined;
      const check = checkOf(body.schema);
      const spoiled = spoil(way, body.schema, validValue(body.schema, 'body', own, random), random);
      // A schema that takes it says so: then it is a valid request, with one more member to be ignored.
      if (spoiled === undefined || check(spoiled) === null) return undefined;
      return shoot(administrator, { ...valid(own), body: spoiled, statusFault: mustBeRefused });
    }
    case 'unknown-parameter':
      return shoot(administrator, {
        ...valid(own),
        query: { [random.pick(['unknown', '__proto__', 'accountId', 'Limit'])]: random.pick(nastyText) },
      });
    case 'not-signed-in': {
      const isPublic = operation.permission.at === 'public';
      return shoot(nobody, { ...valid(world.known), ...(isPublic ? {} : { statusFault: mustBe(401) }) });
    }
    case 'foreign-account':
      if (!isAccounts) return undefined;
      return shoot(random.pick([administrator, viewer, virtualAccountUser]), {
        ...valid(world.other.known),
        // What is not well-formed is refused before anybody looks whose it is.
        statusFault: mustBe(404, 400, 422),
      });
    case 'foreign-ids': {
      if (!isAccounts) return undefined;
      const foreign: Known = { ...world.other.known, accountId: own.accountId ?? [] };
      const isNamed = parameters.some(
        ({ in: place, name }) => place === 'path' && name !== 'accountId' && /Id$/.test(name),
      );
      return shoot(administrator, { ...valid(foreign), ...(isNamed ? { statusFault: mustBeRefused } : {}) });
    }
    case 'foreign-cursor': {
      if (cursors.length === 0 || !parameters.some(({ name }) => name === 'cursor')) return undefined;
      return shoot(random.pick([administrator, viewer]), {
        ...valid(own),
        query: { cursor: random.pick(cursors) },
      });
    }
    case 'anything':
      return anything(documented, world, random);
  }
}

/** Right, nearly right and wrong, from anybody, with ids of anybody. */
function anything(
  documented: DocumentedOperation,
  world: World,
  random: Random,
): { shot: Shot; caller: Caller } {
  const { body } = documented;
  const { administrator, viewer, virtualAccountUser, nobody } = world.callers;
  const { known } = world;
  const caller = random.pick([administrator, viewer, virtualAccountUser, nobody]);
  return { caller, shot: makeShot(documented, caller, anyParts(), random, 0.2) };

  function anyParts(): Parts {
    const broken = random.chance(0.6);
    const place = random.below(3);
    const value = body === null ? undefined : validValue(body.schema, 'body', known, random);
    return {
      valueOf(parameter) {
        const right = validValue(parameter.schema, parameter.name, known, random);
        const isHere = place === (parameter.in === 'path' ? 0 : 1);
        return broken && isHere && random.chance(0.5)
          ? brokenValue(parameter.schema, right, parameter.name, known, random)
          : right;
      },
      body:
        broken && place === 2 && body !== null
          ? brokenValue(body.schema, value, 'body', known, random)
          : value,
    };
  }
}

/** One thing wrong with a valid body, by the schema; undefined where there is no place for it. */
function spoil(
  way: 'wrong-type' | 'extra-field' | 'missing-field',
  schema: Schema,
  body: unknown,
  random: Random,
): unknown {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    return way === 'wrong-type' ? random.pick<unknown>([7, 'text', true, [], null]) : undefined;
  }
  if (way === 'extra-field') {
    const name = random.pick([
      'extra',
      'id',
      'accountId',
      'owner',
      'role',
      'quantityUsed',
      'createdAt',
      'constructor',
    ]);
    return name in body && Object.hasOwn(body, name)
      ? undefined
      : { ...body, [name]: random.pick<unknown>([1, 'x', null, {}]) };
  }
  const members = Object.keys(body);
  const required = (schema.required ?? []).filter((name) => members.includes(name));
  if (way === 'missing-field') {
    if (required.length === 0) return undefined;
    const missing = random.pick(required);
    return Object.fromEntries(Object.entries(body).filter(([name]) => name !== missing));
  }
  if (members.length === 0) return [];
  return {
    ...body,
    [random.pick(members)]: random.pick<unknown>([7.5, 'no such thing', true, [[]], { a: {} }, null]),
  };
}

function makeShot(
  { operation, parameters, body }: DocumentedOperation,
  caller: Caller,
  parts: Parts,
  random: Random,
  damage = 0,
): Shot {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  let path = operation.path;
  const query = new URLSearchParams();
  for (const parameter of parameters) {
    if (parameter.in === 'path') {
      const part = encodeURIComponent(text(parts.valueOf(parameter)).toWellFormed()) || 'x';
      path = path.replace(`{${parameter.name}}`, part);
    } else if (parameter.required || random.chance(0.3)) {
      query.set(parameter.name, text(parts.valueOf(parameter)));
    }
  }
  for (const [name, value] of Object.entries(parts.query ?? {})) query.set(name, value);
  const headers: Record<string, string> =
    caller.key === null ? {} : { authorization: `Bearer ${caller.key}` };
  let sent: string | undefined;
  if (body !== null) {
    headers['content-type'] = random.chance(damage / 7) ? 'text/plain' : random.pick(body.media);
    sent = operation.bodyMedia === undefined ? JSON.stringify(parts.body) : text(parts.body);
    if (random.chance(damage / 7)) sent = sent?.slice(0, sent.length / 2);
  }
  if (operation.method !== 'GET' && random.chance(damage))
    headers['idempotency-key'] = `key-${random.below(200)}`;
  const suffix = query.size > 0 ? `?${query}` : '';
  return {
    method: operation.method,
    url: `${path}${suffix}`,
    headers,
    body: sent,
    statusFault: parts.statusFault ?? (() => null),
  };
}
