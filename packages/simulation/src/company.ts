import {
  type BodyOf,
  createAccount,
  createLicense,
  createOrder,
  createProduct,
  createSubstitution,
  createToken,
  createVirtualAccount,
} from '@estover/protocol';
import type { BookAccount, Books } from './auditor/books.ts';
import type { Clerk } from './clerk.ts';
import type { Random } from './random.ts';

/** A customer of the world. */
export interface Company {
  accountId: string;
  administrator: Clerk;
}

export interface Catalog {
  /** Tags that products use. */
  plain: readonly string[];
  exportControlled: string;
  /** SKUs by what their term is. */
  perpetual: ReadonlyMap<string, string>;
  terms: readonly string[];
  bundles: readonly string[];
}

const names = ['ADVANTAGE', 'ESSENTIALS', 'BASIC', 'SECURITY', 'ANALYTICS', 'ENCRYPTION'] as const;

const tagOf = (name: string, index: number): string =>
  `regid.2026-01.example.estover.${name},1.0_00000000-0000-4000-8000-00000000000${index}`;

/** A tag that no catalog has. */
export const unknownTag = tagOf('UNKNOWN', 9);

/** What must be done for a world to begin: a refusal here is a mistake of the world. */
export async function must<T>(
  call: Promise<{ ok: true; answer: T } | { ok: false; code: string }>,
): Promise<T> {
  const outcome = await call;
  if (outcome.ok) return outcome.answer;
  throw new Error(`the world could not be made: ${outcome.code}`);
}

/** Six licenses, two with an overage allowance, one export-controlled; products of every term; a bundle. */
export async function makeCatalog(operator: Clerk): Promise<Catalog> {
  const overages: Record<string, BodyOf<typeof createLicense>['overage']> = {
    SECURITY: { kind: 'quantity', quantity: 2 },
    ANALYTICS: { kind: 'percent', percent: 25 },
  };
  const tags = names.map(tagOf);
  const perpetual = new Map<string, string>();
  const terms: string[] = [];
  for (const [index, name] of names.entries()) {
    const tag = tags[index] ?? '';
    const enforcement = name === 'ENCRYPTION' ? 'export-controlled' : 'unenforced';
    const overage = overages[name] ?? { kind: 'none' };
    await must(operator.call(createLicense, { body: { tag, name, version: '1.0', enforcement, overage } }));
    const make = async (kind: string, term: BodyOf<typeof createProduct>['term']) => {
      const sku = `${name}-${kind}`;
      const body = { sku, name: sku, grants: [{ tag }], ...(term === undefined ? {} : { term }) };
      await must(operator.call(createProduct, { body }));
      return sku;
    };
    perpetual.set(tag, await make('P', { kind: 'perpetual' }));
    terms.push(await make('M1', { kind: 'term', months: 1 }), await make('M6', { kind: 'term', months: 6 }));
    terms.push(await make('D20', { kind: 'demo', days: 20 }));
  }
  // Three of the upper license cover two of the lower one, so that loans break units.
  const ratio = { upperQuantity: 3, lowerQuantity: 2 };
  const body = { upperTag: tags[0] ?? '', lowerTag: tags[1] ?? '', ...ratio };
  await must(operator.call(createSubstitution, { body }));
  const sku = 'BUNDLE-M3';
  const grants = [
    { tag: tags[0] ?? '', quantityPerUnit: 1 },
    { tag: tags[3] ?? '', quantityPerUnit: 2 },
  ];
  await must(
    operator.call(createProduct, { body: { sku, name: sku, grants, term: { kind: 'term', months: 3 } } }),
  );
  return { plain: tags.slice(0, 5), exportControlled: tags[5] ?? '', perpetual, terms, bundles: [sku] };
}

export interface CompanySetting {
  operator: Clerk;
  books(): Books;
  /** Makes an administrator of an account. */
  administratorOf(accountId: string): Promise<Clerk>;
  random: Random;
  catalog: Catalog;
  index: number;
  /** How many agents will live here. */
  agents: number;
}

/** A customer with a small tree, a stock that is about enough, and a token in each virtual account. */
export async function makeCompany(setting: CompanySetting): Promise<Company> {
  const { operator, random, catalog, index, agents } = setting;
  const { account, defaultVirtualAccountId } = await must(
    operator.call(createAccount, {
      body: {
        name: `Company ${index}`,
        domainIdentifier: `company-${index}.example`,
        exportCategory: index % 3 === 2 ? 'C' : 'A',
        administrator: { name: 'Ana Ruiz', email: `ana@company-${index}.example` },
      },
    }),
  );
  const { accountId } = account;
  const administrator = await setting.administratorOf(accountId);
  const places = [defaultVirtualAccountId];
  for (const name of ['North', 'South', 'Lab']) {
    const parentId = random.chance(0.5) ? random.pick(places) : null;
    const made = await must(
      administrator.call(createVirtualAccount, { params: { accountId }, body: { name, parentId } }),
    );
    places.push(made.virtualAccount.virtualAccountId);
  }
  const enough = Math.ceil((agents * 0.8) / places.length) + 2;
  for (const virtualAccount of places) {
    const lines = [...catalog.perpetual.values()].map((sku) => ({
      sku,
      quantity: random.between(enough, enough * 2),
      account: accountId,
      virtualAccount,
    }));
    const orderNumber = `START-${index}-${places.indexOf(virtualAccount)}`;
    await must(operator.call(createOrder, { body: { orderNumber, buyer: 'Company', lines } }));
    await must(
      administrator.call(createToken, {
        params: { accountId, virtualAccountId: virtualAccount },
        body: { expiresInDays: 365, exportControlledAllowed: index % 3 !== 2 && random.chance(0.7) },
      }),
    );
  }
  return { accountId, administrator };
}

export function accountOf(books: Books, { accountId }: Pick<Company, 'accountId'>): BookAccount {
  const account = books.accounts.get(accountId);
  if (account === undefined) throw new Error(`the auditor does not know the account ${accountId}`);
  return account;
}
