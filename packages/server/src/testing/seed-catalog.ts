import { randomUUID } from 'node:crypto';
import {
  type BodyOf,
  createLicense,
  createOrder,
  createProduct,
  createSubstitution,
  listCatalogLicenses,
} from '@estover/protocol';
import type { SeededAccount, TestServer } from './test-server.ts';

/** Whoever has a client of the operator. */
type OrderDesk = Pick<TestServer, 'operator'>;

type ProductTerm = BodyOf<typeof createProduct>['term'];

/** A tag like those of the field; the same name gives the same tag within one call of the process. */
const madeTags = new Map<string, string>();
export function tagOf(name: string): string {
  const made = madeTags.get(name);
  if (made !== undefined) return made;
  const tag = `regid.2026-01.example.estover.${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')},1.0_${randomUUID()}`;
  madeTags.set(name, tag);
  return tag;
}

/** Tags of the licenses every seeded catalog has. */
export interface SeededCatalog {
  /** May stand in for `essentials`, 1 for 1. */
  advantage: string;
  essentials: string;
  /** Stands alone. */
  security: string;
  /** Export-controlled. */
  encryption: string;
}

/** A small catalog: four licenses, one substitution. Products are made by `deliver` as they are needed. */
export async function seedCatalog(server: OrderDesk): Promise<SeededCatalog> {
  const make = async (name: string, more: Partial<BodyOf<typeof createLicense>> = {}): Promise<string> => {
    const tag = tagOf(name);
    await server.operator.call(createLicense, {
      body: { tag, name, version: '1.0', family: 'Network', ...more },
    });
    return tag;
  };
  const catalog = {
    advantage: await make('Network Advantage'),
    essentials: await make('Network Essentials'),
    security: await make('Branch Security', { family: 'Security' }),
    encryption: await make('Strong Encryption', { family: 'Security', enforcement: 'export-controlled' }),
  };
  await server.operator.call(createSubstitution, {
    body: { upperTag: catalog.advantage, lowerTag: catalog.essentials },
  });
  return catalog;
}

export interface Delivery {
  tag: string;
  quantity: number;
  /** Id or path; without it the account's default virtual account. */
  virtualAccount?: string;
  /** Perpetual if not given. */
  term?: ProductTerm;
  /** First day of the term; without it the term starts now. */
  startDate?: string;
  billing?: 'prepaid' | 'usage';
  buyer?: string;
}

const productsOf = new WeakMap<OrderDesk, Map<string, string>>();

/**
 * Delivers licenses by a real order of the platform: a product for the tag and term is made when there is none yet.
 *
 * @returns the order's number, and its SKU
 */
export async function deliver(
  server: OrderDesk,
  seeded: Pick<SeededAccount, 'accountId'>,
  {
    tag,
    quantity,
    virtualAccount,
    startDate,
    term = { kind: 'perpetual' },
    billing = 'prepaid',
    buyer = 'Test buyer',
  }: Delivery,
): Promise<{ orderNumber: string; sku: string }> {
  const products = productsOf.get(server) ?? new Map<string, string>();
  productsOf.set(server, products);
  const key = JSON.stringify([tag, term, billing]);
  let sku = products.get(key);
  if (sku === undefined) {
    sku = `SKU-${randomUUID()}`;
    products.set(key, sku);
    const { items } = await server.operator.call(listCatalogLicenses, { query: { search: tag } });
    const name = `${items[0]?.name ?? 'Licenses'}, ${term.kind}`;
    await server.operator.call(createProduct, { body: { sku, name, grants: [{ tag }], term, billing } });
  }
  const { order } = await server.operator.call(createOrder, {
    body: {
      orderNumber: `T-${randomUUID()}`,
      buyer,
      lines: [
        {
          sku,
          quantity,
          account: seeded.accountId,
          ...(virtualAccount === undefined ? {} : { virtualAccount }),
          ...(startDate === undefined ? {} : { startDate }),
        },
      ],
    },
  });
  return { orderNumber: order.orderNumber, sku };
}
