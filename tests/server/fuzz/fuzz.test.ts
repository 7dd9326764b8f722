import {
  createToken,
  grantRole,
  listAccountOrders,
  listAlerts,
  listApiKeys,
  listCatalogLicenses,
  listEvents,
  listMovements,
  listPeople,
  listProducts,
  type Operation,
  openApiDocument,
  operations,
  refusalsOf,
} from '@estover/protocol';
import { type Random, randomFrom } from '@estover/protocol/testing';
import {
  deliver,
  type SeededAccount,
  seedCatalog,
  startTestServer,
  type TestServer,
  useLicenses,
} from '@estover/server/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { brokenValue, type Known, nastyText, type Schema, validValue } from './values.ts';

/*
 * Every operation of the API with requests that are right, nearly right and wrong, from callers that may, may not and
 * are nobody, with ids of their own and of others. Whatever comes in: no answer is a failure of the server, each is one
 * that the operation declares, and nothing of another account is in it. The seed is the same in every run of the
 * tests, so that a change is judged by what it changed; FUZZ_SEED and FUZZ_REQUESTS look further.
 */

const seed = Number(process.env.FUZZ_SEED ?? 20_261_122);
const requests = Number(process.env.FUZZ_REQUESTS ?? 20_000);

interface DocumentedOperation {
  operation: Operation;
  parameters: { name: string; in: string; required: boolean; schema: Schema }[];
  body: { media: string[]; schema: Schema } | null;
  statuses: Set<string>;
}

let server: TestServer;
let callers: { name: string; key: string | null }[];
let known: Known;
/** What only the other account has: none of it may be told to anybody else. */
const secretOfOther = 'Quenby Undisclosed';
let documented: DocumentedOperation[];

beforeAll(async () => {
  server = await startTestServer();
  const catalog = await seedCatalog(server);
  const own = await fill(await server.account('Fuzz Lines'), 'Own', catalog.advantage);
  const other = await fill(await server.account(secretOfOther), secretOfOther, catalog.advantage);
  const { items: products } = await server.operator.call(listProducts, {});
  const { items: licenses } = await server.operator.call(listCatalogLicenses, {});
  known = {
    accountId: [own.accountId, own.accountId, own.accountId, other.accountId],
    account: [own.accountId, other.accountId],
    ...merge(own.ids, other.ids),
    tag: licenses.map((license) => license.tag),
    upperTag: licenses.map((license) => license.tag),
    lowerTag: licenses.map((license) => license.tag),
    sku: products.map((product) => product.sku),
  };
  callers = [
    { name: 'administrator', key: await server.keyOf(own.accountId, 'account-administrator') },
    { name: 'viewer', key: await server.keyOf(own.accountId, 'viewer') },
    {
      name: 'virtual account user',
      key: await server.keyOf(own.accountId, 'virtual-account-user', {
        kind: 'virtual-accounts',
        virtualAccounts: [{ virtualAccountId: own.ids.virtualAccountId?.[0] ?? '', nested: true }],
      }),
    },
    { name: 'nobody', key: null },
  ];
  documented = readDocument();
});
afterAll(() => server.close());

async function fill(seeded: SeededAccount, name: string, tag: string) {
  const { accountId, administrator, defaultVirtualAccountId } = seeded;
  const params = { accountId };
  const places = Object.values(await server.virtualAccounts(seeded, `${name} North`, `${name} South`));
  const { orderNumber } = await deliver(server, seeded, {
    tag,
    quantity: 50,
    virtualAccount: `${name} North`,
  });
  const instanceId = await useLicenses(server, {
    accountId,
    virtualAccountId: places[1] ?? '',
    counts: { [tag]: 5 },
    displayName: `${name} router`,
  });
  await administrator.call(grantRole, {
    params,
    body: {
      email: `person@${accountId}.example`,
      name: `${name} Person`,
      role: 'viewer',
      scope: { kind: 'account' },
    },
  });
  const { token } = await administrator.call(createToken, {
    params: { accountId, virtualAccountId: defaultVirtualAccountId },
    body: { description: `${name} token` },
  });
  const { items: people } = await administrator.call(listPeople, { params });
  const { items: keys } = await administrator.call(listApiKeys, { params });
  const { items: movements } = await administrator.call(listMovements, { params });
  const { items: alerts } = await administrator.call(listAlerts, { params });
  const { items: events } = await administrator.call(listEvents, { params });
  const orders = await administrator.call(listAccountOrders, { params });
  const all = [defaultVirtualAccountId, ...places];
  const ids: Known = {
    virtualAccountId: all,
    fromVirtualAccountId: all,
    toVirtualAccountId: all,
    parentId: all,
    contentsTo: all,
    instanceId: [instanceId],
    tokenId: [token.tokenId],
    grantId: people.flatMap((person) => person.grants.map((grant) => grant.grantId)),
    apiKeyId: keys.map((key) => key.apiKeyId),
    movementId: movements.map((movement) => movement.movementId),
    lotId: movements.flatMap((movement) => movement.entries.map((entry) => entry.lotId)),
    alertId: alerts.map((alert) => alert.alertId),
    objectId: events.map((event) => event.objectId),
    orderNumber: [orderNumber, ...orders.items.map((order) => order.orderNumber)],
  };
  return { accountId, ids };
}

/** Ids of both accounts by name, the own ones three times as often. */
function merge(own: Known, other: Known): Known {
  return Object.fromEntries(
    Object.keys(own)
      .map((name): [string, string[]] => {
        const mine = own[name] ?? [];
        return [name, [...mine, ...mine, ...mine, ...(other[name] ?? [])]];
      })
      .filter(([, values]) => values.length > 0),
  );
}

function readDocument(): DocumentedOperation[] {
  const document = openApiDocument(operations.values(), '0') as {
    paths: Record<
      string,
      Record<
        string,
        {
          parameters: DocumentedOperation['parameters'];
          requestBody?: { content: Record<string, { schema: Schema }> };
          responses: Record<string, unknown>;
        }
      >
    >;
  };
  return [...operations.values()].map((operation) => {
    const found = document.paths[operation.path]?.[operation.method.toLowerCase()];
    if (found === undefined) throw new Error(`${operation.name} is not in the document`);
    const content = Object.entries(found.requestBody?.content ?? {});
    return {
      operation,
      parameters: found.parameters.filter((parameter) => parameter.in !== 'header'),
      body:
        content.length === 0
          ? null
          : { media: content.map(([media]) => media), schema: content[0]?.[1].schema ?? {} },
      statuses: new Set(Object.keys(found.responses)),
    };
  });
}

interface Shot {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

function aim({ operation, parameters, body }: DocumentedOperation, key: string | null, random: Random): Shot {
  const broken = random.chance(0.6);
  const wrongPlace = random.below(3);
  const valueFor = (parameter: DocumentedOperation['parameters'][number], place: number) => {
    const value = validValue(parameter.schema, parameter.name, known, random);
    return broken && wrongPlace === place && random.chance(0.5)
      ? brokenValue(parameter.schema, value, parameter.name, known, random)
      : value;
  };
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  let path = operation.path;
  const query = new URLSearchParams();
  for (const parameter of parameters) {
    if (parameter.in === 'path') {
      path = path.replace(
        `{${parameter.name}}`,
        encodeURIComponent(text(valueFor(parameter, 0)).toWellFormed()) || 'x',
      );
    } else if (parameter.required || random.chance(0.3)) {
      query.set(parameter.name, text(valueFor(parameter, 1)));
    }
  }
  if (broken && wrongPlace === 1 && random.chance(0.2)) query.set('unknown', random.pick(nastyText));
  const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  let sent: string | undefined;
  if (body !== null) {
    headers['content-type'] = random.chance(0.97) ? random.pick(body.media) : 'text/plain';
    const value = validValue(body.schema, 'body', known, random);
    const final = broken && wrongPlace === 2 ? brokenValue(body.schema, value, 'body', known, random) : value;
    sent = operation.bodyMedia === undefined ? JSON.stringify(final) : text(final);
    if (broken && random.chance(0.03)) sent = sent?.slice(0, sent.length / 2);
  }
  if (operation.method !== 'GET' && random.chance(0.2))
    headers['idempotency-key'] = `key-${random.below(200)}`;
  const suffix = query.size > 0 ? `?${query}` : '';
  return { method: operation.method, url: `${path}${suffix}`, headers, body: sent };
}

it(`answers ${requests} requests only as declared (FUZZ_SEED=${seed})`, async () => {
  const random = randomFrom(seed);
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  const shoot = async (): Promise<void> => {
    const target = random.pick(documented);
    const caller = random.pick(callers);
    const shot = aim(target, caller.key, random);
    const told = await ask(shot);
    if (typeof told === 'string') {
      faults.push(
        `${target.operation.name} as ${caller.name}: ${told}\n  ${shot.method} ${shot.url.slice(0, 300)}\n  ${shot.body?.slice(0, 300) ?? ''}`,
      );
      return;
    }
    const { answer, text } = told;
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const fault = faultOf(target, answer, text, shot);
    if (fault !== null) {
      faults.push(
        `${target.operation.name} as ${caller.name}: ${fault}\n  ${shot.method} ${shot.url.slice(0, 300)}\n  ${shot.body?.slice(0, 300) ?? ''}\n  ${answer.status} ${text.slice(0, 300)}`,
      );
    }
  };
  const callersAtOnce = 8;
  await Promise.all(
    Array.from({ length: callersAtOnce }, async () => {
      for (let sent = 0; sent < requests / callersAtOnce && faults.length < 20; sent++) await shoot();
    }),
  );
  expect(faults.join('\n\n')).toBe('');
  // The shots must hit: without successes and refusals by rules the run would prove little.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(requests / 20);
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 401, 403, 404, 422]));
}, 600_000);

/** Sends a request; a text when the connection broke, which is how a file that fails half-way ends. */
async function ask({
  url,
  method,
  headers,
  body,
}: Shot): Promise<{ answer: Response; text: string } | string> {
  try {
    const answer = await fetch(`${server.address}${url}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return { answer, text: await answer.text() };
  } catch (error) {
    return `the connection broke: ${String(error)}`;
  }
}

/** What is wrong with an answer; null when nothing is. */
function faultOf(
  { operation, statuses }: DocumentedOperation,
  answer: Response,
  text: string,
  shot: Shot,
): string | null {
  if (answer.status >= 500) return 'the server failed';
  // The HTTP parser refuses a head of more than 16 KiB before there is a request that could be answered.
  if (answer.status === 431 && shot.url.length > 8_000) return null;
  const asked = `${shot.url} ${shot.body ?? ''}`;
  if (text.includes(secretOfOther) && !asked.includes(secretOfOther)) return 'it tells of another account';
  if (!statuses.has(String(answer.status)) && !(operation.dryRun && answer.status === 200))
    return 'the status is not declared';
  if (answer.status < 400) return null;
  if (!answer.headers.get('content-type')?.startsWith('application/problem+json'))
    return 'a refusal is not a problem';
  const { code } = JSON.parse(text) as { code: string };
  return (refusalsOf(operation) as string[]).includes(code) ? null : `the problem ${code} is not declared`;
}
