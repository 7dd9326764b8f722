import {
  createLicense,
  createProduct,
  createSubstitution,
  listCatalogLicenses,
  listInventory,
  listProducts,
  listSubstitutions,
  ProblemError,
} from '@estover/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checkLedgerLaws,
  deliver,
  refusal,
  startTestServer,
  type TestServer,
  tagOf,
  useLicenses,
} from '../testing/index.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const license = async (name: string, more: object = {}) =>
  (
    await server.operator.call(createLicense, {
      body: { tag: tagOf(name), name, version: '1.0', ...more },
    })
  ).license;

describe('licenses', () => {
  test('a license has its defaults, and its tag is taken from then on', async () => {
    const made = await license('Routing');
    expect(made).toMatchObject({
      description: '',
      enforcement: 'unenforced',
      metric: 'device',
      overage: { kind: 'none' },
      createdAt: '2026-11-22T12:00:00Z',
    });
    const problem = await refusal(license('Routing'));
    expect(problem).toMatchObject({ code: 'tag-taken', status: 409, tag: tagOf('Routing') });
  });

  test('a retried request with the same key makes one license', async () => {
    const body = { tag: tagOf('Retried'), name: 'Retried', version: '1.0' };
    const first = await server.operator.call(createLicense, { body, idempotencyKey: 'retry-1' });
    const second = await server.operator.call(createLicense, { body, idempotencyKey: 'retry-1' });
    expect(second).toEqual(first);
  });

  test('lists go page by page in the order of names, and searches find names, tags and families', async () => {
    for (const name of ['Zeta 3', 'Zeta 1', 'Zeta 2']) await license(name, { family: 'Greek letters' });
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await server.operator.call(listCatalogLicenses, {
        query: { search: 'greek', limit: 2, ...(cursor === undefined ? {} : { cursor }) },
      });
      names.push(...page.items.map((item) => item.name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(names).toEqual(['Zeta 1', 'Zeta 2', 'Zeta 3']);
    const byTag = await server.operator.call(listCatalogLicenses, { query: { search: 'ZETA_2,1.0' } });
    expect(byTag.items.map((item) => item.name)).toEqual(['Zeta 2']);
    const literally = await server.operator.call(listCatalogLicenses, { query: { search: '%' } });
    expect(literally.items).toEqual([]);
  });

  test('a cursor of another list is refused', async () => {
    await license('Cursor A');
    await license('Cursor B');
    const { nextCursor } = await server.operator.call(listCatalogLicenses, { query: { limit: 1 } });
    const problem = await refusal(
      server.operator.call(listProducts, { query: { cursor: nextCursor ?? 'none' } }),
    );
    expect(problem.code).toBe('cursor-invalid');
  });

  test('everybody who is signed in reads the catalog, only the operator writes it', async () => {
    const { administrator } = await server.account('Catalog Readers');
    expect((await administrator.call(listCatalogLicenses, {})).items.length).toBeGreaterThan(0);
    const body = { tag: tagOf('Not mine'), name: 'Not mine', version: '1.0' };
    expect((await refusal(administrator.call(createLicense, { body }))).code).toBe('not-allowed');
    expect((await refusal(server.client().call(listCatalogLicenses, {}))).code).toBe('sign-in-required');
  });
});

describe('products', () => {
  test('a product grants licenses by tag, and its SKU is taken from then on', async () => {
    await license('Bundle part A');
    await license('Bundle part B');
    const body = {
      sku: 'BUNDLE-3Y',
      name: 'Bundle for three years',
      grants: [{ tag: tagOf('Bundle part B'), quantityPerUnit: 5 }, { tag: tagOf('Bundle part A') }],
      term: { kind: 'term' as const, months: 36 },
    };
    const { product } = await server.operator.call(createProduct, { body });
    expect(product).toMatchObject({
      sku: 'BUNDLE-3Y',
      term: { kind: 'term', months: 36 },
      billing: 'prepaid',
      grants: [
        { licenseName: 'Bundle part A', quantityPerUnit: 1 },
        { licenseName: 'Bundle part B', quantityPerUnit: 5 },
      ],
    });
    expect((await server.operator.call(listProducts, { query: { search: 'part b' } })).items).toEqual([
      product,
    ]);
    expect((await refusal(server.operator.call(createProduct, { body }))).code).toBe('sku-taken');
  });

  test('tags that are unknown or named twice are refused with their place', async () => {
    await license('Known');
    const make = (grants: { tag: string }[]) =>
      refusal(server.operator.call(createProduct, { body: { sku: 'NOT-MADE', name: 'Not made', grants } }));
    expect(await make([{ tag: tagOf('Known') }, { tag: tagOf('Never made') }])).toMatchObject({
      code: 'unknown-tag',
      errors: [{ pointer: 'body/grants/1/tag' }],
    });
    expect(await make([{ tag: tagOf('Known') }, { tag: tagOf('Known') }])).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: 'body/grants/1/tag' }],
    });
    expect((await server.operator.call(listProducts, { query: { search: 'NOT-MADE' } })).items).toEqual([]);
  });
});

describe('substitutions', () => {
  const substitute = (upper: string, lower: string) =>
    server.operator.call(createSubstitution, { body: { upperTag: tagOf(upper), lowerTag: tagOf(lower) } });

  test('they are listed by name, made once, and never go in a circle', async () => {
    for (const name of ['Tier A', 'Tier B', 'Tier C']) await license(name);
    const { substitution } = await substitute('Tier A', 'Tier B');
    expect(substitution).toMatchObject({ upperName: 'Tier A', lowerName: 'Tier B', priority: 100 });
    await substitute('Tier B', 'Tier C');
    expect((await server.operator.call(listSubstitutions, {})).items.map((item) => item.lowerName)).toEqual([
      'Tier B',
      'Tier C',
    ]);
    expect((await refusal(substitute('Tier A', 'Tier B'))).code).toBe('substitution-exists');
    const circle = await refusal(substitute('Tier C', 'Tier A'));
    expect(circle.code).toBe('substitution-cycle');
    expect(circle.detail).toBe('Tier A stands in for Tier C already, through 1 other licenses.');
    expect((await refusal(substitute('Tier A', 'Tier A'))).code).toBe('substitution-cycle');
  });

  test('they never cross export classes, nor name unknown licenses', async () => {
    await license('Plain');
    await license('Strong', { enforcement: 'export-controlled' });
    expect(await refusal(substitute('Plain', 'Strong'))).toMatchObject({
      code: 'substitution-export-class',
      lowerEnforcement: 'export-controlled',
    });
    expect(await refusal(substitute('Plain', 'Nowhere'))).toMatchObject({
      code: 'unknown-tag',
      errors: [{ pointer: 'body/lowerTag' }],
    });
  });

  test('licenses that are there already are judged again: a shortage ends', async () => {
    const made = await server.account('Judged Again');
    for (const name of ['Upper', 'Middle', 'Lower']) await license(name);
    await deliver(server, made, { tag: tagOf('Upper'), quantity: 100 });
    await useLicenses(server, {
      accountId: made.accountId,
      virtualAccountId: made.defaultVirtualAccountId,
      counts: { [tagOf('Upper')]: 10, [tagOf('Lower')]: 50 },
    });
    const states = async () => {
      const { items } = await made.administrator.call(listInventory, {
        params: { accountId: made.accountId },
      });
      return items.map((item) => `${item.licenseName} ${item.balance} ${item.state}`);
    };
    expect(await states()).toEqual(['Lower -50 out-of-compliance', 'Upper 90 in-compliance']);
    // Upper stands in for Lower through Middle, of which nothing is there.
    await substitute('Upper', 'Middle');
    expect(await states()).toEqual(['Lower -50 out-of-compliance', 'Upper 90 in-compliance']);
    await substitute('Middle', 'Lower');
    expect(await states()).toEqual(['Lower 0 in-compliance', 'Upper 40 in-compliance']);
    expect(await checkLedgerLaws(server.db)).toEqual([]);
  });

  test('two that together make a circle: one of them is refused', async () => {
    for (let round = 0; round < 5; round++) {
      const [one, other] = [`Ring ${round} one`, `Ring ${round} other`];
      await license(one);
      await license(other);
      const outcomes = await Promise.all(
        [substitute(one, other), substitute(other, one)].map((work) =>
          work.then(
            () => 'made',
            (error: unknown) => (error instanceof ProblemError ? error.problem.code : error),
          ),
        ),
      );
      expect(outcomes.sort()).toEqual(['made', 'substitution-cycle']);
    }
  });
});
