import type { ProductGrant, ProductTerm } from '@estover/domain/catalog';
import type { Substitution } from '@estover/domain/licenses';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

export interface CatalogLicense {
  licenseId: string;
  tag: string;
  name: string;
  enforcement: 'unenforced' | 'enforced' | 'export-controlled';
}

export interface CatalogProduct {
  productId: string;
  sku: string;
  name: string;
  term: ProductTerm;
  billing: 'prepaid' | 'usage';
  grants: readonly (ProductGrant & { tag: string; licenseName: string })[];
}

/** Licenses by tag; a tag the catalog does not know is not in the map. */
export async function licensesByTag(trx: Trx, tags: readonly string[]): Promise<Map<string, CatalogLicense>> {
  const rows = await trx
    .selectFrom('licenses')
    .select([
      'license_id as licenseId',
      'tag',
      'name',
      sql<CatalogLicense['enforcement']>`enforcement`.as('enforcement'),
    ])
    .where(sql<boolean>`tag = any(${tags}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.tag, row]));
}

/** Products with what they grant, by SKU; a SKU the catalog does not know is not in the map. */
export async function findProducts(trx: Trx, skus: readonly string[]): Promise<Map<string, CatalogProduct>> {
  const rows = await trx
    .selectFrom('products as product')
    .select([
      'product.product_id as productId',
      'product.sku',
      'product.name',
      sql<ProductTerm>`product.term`.as('term'),
      sql<CatalogProduct['billing']>`product.billing`.as('billing'),
      sql<CatalogProduct['grants'][number][]>`(
        select jsonb_agg(jsonb_build_object('licenseId', l.license_id, 'tag', l.tag, 'licenseName', l.name,
                                            'quantityPerUnit', g.quantity_per_unit) order by l.name, l.license_id)
          from product_grants g join licenses l using (license_id)
         where g.product_id = product.product_id)`.as('grants'),
    ])
    .where(sql<boolean>`product.sku = any(${skus}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.sku, row]));
}

/** Every SKU there is, for suggestions; at most `limit`. */
export async function knownSkus(trx: Trx, limit: number): Promise<string[]> {
  const rows = await trx.selectFrom('products').select('sku').orderBy('sku').limit(limit).execute();
  return rows.map((row) => row.sku);
}

/** Products that bring a license, by license: what somebody who is short could order. */
export async function productsGranting(
  trx: Trx,
  licenseIds: readonly string[],
): Promise<Map<string, { sku: string; name: string }[]>> {
  const rows = await trx
    .selectFrom('product_grants as g')
    .innerJoin('products as p', 'p.product_id', 'g.product_id')
    .select(['g.license_id as licenseId', 'p.sku', 'p.name'])
    .where(sql<boolean>`g.license_id = any(${licenseIds}::uuid[])`)
    .orderBy('p.sku')
    .execute();
  const found = new Map<string, { sku: string; name: string }[]>();
  for (const { licenseId, sku, name } of rows) {
    const products = found.get(licenseId);
    if (products === undefined) found.set(licenseId, [{ sku, name }]);
    else products.push({ sku, name });
  }
  return found;
}

/** All substitutions of the catalog. */
export async function allSubstitutions(trx: Trx): Promise<Substitution[]> {
  return trx
    .selectFrom('substitutions')
    .select([
      'upper_license_id as upperLicenseId',
      'lower_license_id as lowerLicenseId',
      'upper_quantity as upperQuantity',
      'lower_quantity as lowerQuantity',
      'priority',
    ])
    .orderBy('substitution_id')
    .execute();
}

/**
 * Pools of a license and of all that are connected with it by substitutions, in the order they are locked; one of each
 * virtual account is enough, for all that are connected there are judged together.
 */
export async function connectedPools(
  trx: Trx,
  licenseId: string,
): Promise<{ accountId: string; virtualAccountId: string; licenseId: string }[]> {
  const { rows } = await sql<{ accountId: string; virtualAccountId: string; licenseId: string }>`
    with recursive connected as (
      select ${licenseId}::uuid as license_id
      union
      select other.license_id
        from connected c
        join (select upper_license_id as beside, lower_license_id as license_id from substitutions
              union all
              select lower_license_id, upper_license_id from substitutions) other on other.beside = c.license_id)
    select distinct on (account_id, virtual_account_id)
           account_id as "accountId", virtual_account_id as "virtualAccountId", license_id as "licenseId"
      from pools join connected using (license_id)
     order by account_id, virtual_account_id, license_id`.execute(trx);
  return rows;
}
