import type { ProductTerm } from '@estover/domain/catalog';
import type { Substitution } from '@estover/domain/licenses';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

export interface NewLicense {
  licenseId: string;
  tag: string;
  name: string;
  description: string;
  family: string;
  version: string;
  enforcement: string;
  metric: string;
  overage: unknown;
  createdAt: Temporal.Instant;
}

/** Adds a license; false if its tag is taken. */
export async function insertLicense(trx: Trx, license: NewLicense): Promise<boolean> {
  const result = await trx
    .insertInto('licenses')
    .values({
      license_id: license.licenseId,
      tag: license.tag,
      name: license.name,
      description: license.description,
      family: license.family,
      version: license.version,
      enforcement: license.enforcement,
      metric: license.metric,
      overage: JSON.stringify(license.overage),
      created_at: license.createdAt,
    })
    .onConflict((conflict) => conflict.column('tag').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export interface NewProduct {
  productId: string;
  sku: string;
  name: string;
  term: ProductTerm;
  billing: 'prepaid' | 'usage';
  grants: readonly { licenseId: string; quantityPerUnit: number }[];
  createdAt: Temporal.Instant;
}

/** Adds a product with what it grants; false if its SKU is taken. */
export async function insertProduct(trx: Trx, product: NewProduct): Promise<boolean> {
  const result = await trx
    .insertInto('products')
    .values({
      product_id: product.productId,
      sku: product.sku,
      name: product.name,
      term: JSON.stringify(product.term),
      billing: product.billing,
      created_at: product.createdAt,
    })
    .onConflict((conflict) => conflict.column('sku').doNothing())
    .executeTakeFirst();
  if (result.numInsertedOrUpdatedRows !== 1n) return false;
  await trx
    .insertInto('product_grants')
    .values(
      product.grants.map((grant) => ({
        product_id: product.productId,
        license_id: grant.licenseId,
        quantity_per_unit: grant.quantityPerUnit,
      })),
    )
    .execute();
  return true;
}

/**
 * Keeps all others from adding substitutions until the transaction ends, so that two new ones cannot together make a
 * circle that neither makes alone. Reading goes on.
 */
export async function lockSubstitutions(trx: Trx): Promise<void> {
  await sql`lock table substitutions in share row exclusive mode`.execute(trx);
}

/** Adds a substitution that was decided under the lock. */
export async function insertSubstitution(
  trx: Trx,
  substitution: Substitution & { substitutionId: string },
): Promise<void> {
  await trx
    .insertInto('substitutions')
    .values({
      substitution_id: substitution.substitutionId,
      upper_license_id: substitution.upperLicenseId,
      lower_license_id: substitution.lowerLicenseId,
      upper_quantity: substitution.upperQuantity,
      lower_quantity: substitution.lowerQuantity,
      priority: substitution.priority,
    })
    .execute();
}
