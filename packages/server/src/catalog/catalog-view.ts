import type {
  AnswerOf,
  listCatalogLicenses as listCatalogLicensesOperation,
  listProducts as listProductsOperation,
  listSubstitutions as listSubstitutionsOperation,
} from '@estover/protocol';
import { sql } from 'kysely';
import type { Context } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';

/** A condition that some text contains what was searched, without case; true when nothing was searched. */
const contains = (search: string | undefined, text: ReturnType<typeof sql>) => {
  const words = search?.trim() ?? '';
  return words === '' ? sql`true` : sql`strpos(lower(${text}), lower(${words})) > 0`;
};

interface LicenseRow {
  licenseId: string;
  tag: string;
  name: string;
  description: string;
  family: string;
  version: string;
  enforcement: 'unenforced' | 'enforced' | 'export-controlled';
  metric: AnswerOf<typeof listCatalogLicensesOperation>['items'][number]['metric'];
  overage: AnswerOf<typeof listCatalogLicensesOperation>['items'][number]['overage'];
  createdAt: Temporal.Instant;
}

/** Licenses by name; a search looks into names, tags and families. */
export async function listCatalogLicenses(
  context: Context,
  { query }: Input<typeof listCatalogLicensesOperation>,
): Promise<AnswerOf<typeof listCatalogLicensesOperation>> {
  const after = decodeCursor('catalog-licenses', query.cursor, 2);
  const { rows } = await sql<LicenseRow>`
    select license_id as "licenseId", tag, name, description, family, version, enforcement, metric, overage,
           created_at as "createdAt"
      from licenses
     where ${contains(query.search, sql`name || ' ' || tag || ' ' || family`)}
       and ${after === null ? sql`true` : sql`(name, license_id) > (${after[0]}::text, ${after[1]}::uuid)`}
     order by name, license_id
     limit ${query.limit + 1}`.execute(context.trx);
  return pageFrom(
    'catalog-licenses',
    rows,
    query.limit,
    (row) => ({ ...row, createdAt: row.createdAt.toString() }),
    (row) => [row.name, row.licenseId],
  );
}

interface ProductRow {
  productId: string;
  sku: string;
  name: string;
  grants: { tag: string; licenseName: string; quantityPerUnit: number }[];
  term: AnswerOf<typeof listProductsOperation>['items'][number]['term'];
  billing: 'prepaid' | 'usage';
  createdAt: Temporal.Instant;
}

/** Products by SKU with what they grant; a search looks into SKUs, names, and the licenses granted. */
export async function listProducts(
  context: Context,
  { query }: Input<typeof listProductsOperation>,
): Promise<AnswerOf<typeof listProductsOperation>> {
  const after = decodeCursor('products', query.cursor, 1);
  const { rows } = await sql<ProductRow>`
    select p.product_id as "productId", p.sku, p.name, p.term, p.billing, p.created_at as "createdAt",
           g.grants
      from products p
      cross join lateral (
        select jsonb_agg(jsonb_build_object('tag', l.tag, 'licenseName', l.name,
                                            'quantityPerUnit', pg.quantity_per_unit) order by l.tag) as grants,
               string_agg(l.name || ' ' || l.tag, ' ') as searchable
          from product_grants pg join licenses l using (license_id)
         where pg.product_id = p.product_id) g
     where ${contains(query.search, sql`p.sku || ' ' || p.name || ' ' || g.searchable`)}
       and ${after === null ? sql`true` : sql`p.sku > ${after[0]}::text`}
     order by p.sku
     limit ${query.limit + 1}`.execute(context.trx);
  return pageFrom(
    'products',
    rows,
    query.limit,
    (row) => ({ ...row, createdAt: row.createdAt.toString() }),
    (row) => [row.sku],
  );
}

type SubstitutionRow = AnswerOf<typeof listSubstitutionsOperation>['items'][number];

/** Substitutions by the names of their licenses. */
export async function listSubstitutions(
  context: Context,
  { query }: Input<typeof listSubstitutionsOperation>,
): Promise<AnswerOf<typeof listSubstitutionsOperation>> {
  const after = decodeCursor('substitutions', query.cursor, 3);
  const { rows } = await sql<SubstitutionRow>`
    select s.substitution_id as "substitutionId", u.tag as "upperTag", u.name as "upperName",
           l.tag as "lowerTag", l.name as "lowerName", s.upper_quantity as "upperQuantity",
           s.lower_quantity as "lowerQuantity", s.priority
      from substitutions s
      join licenses u on u.license_id = s.upper_license_id
      join licenses l on l.license_id = s.lower_license_id
     where ${
       after === null
         ? sql`true`
         : sql`(u.name, l.name, s.substitution_id) > (${after[0]}::text, ${after[1]}::text, ${after[2]}::uuid)`
     }
     order by u.name, l.name, s.substitution_id
     limit ${query.limit + 1}`.execute(context.trx);
  return pageFrom(
    'substitutions',
    rows,
    query.limit,
    (row) => row,
    (row) => [row.upperName, row.lowerName, row.substitutionId],
  );
}
