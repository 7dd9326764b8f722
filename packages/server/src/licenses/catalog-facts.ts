import {
  type OverageAllowance,
  planSubstitution,
  type Substitution,
  type SubstitutionPlan,
} from '@estover/domain/licenses';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** A license of the catalog, as far as the ledger needs it. */
export interface CatalogLicense {
  readonly licenseId: string;
  readonly tag: string;
  readonly name: string;
  readonly allowance: OverageAllowance | null;
}

/** What the catalog says about some licenses and all that are connected with them by substitutions. */
export interface CatalogFacts {
  readonly licenses: ReadonlyMap<string, CatalogLicense>;
  readonly plan: SubstitutionPlan;
  /** All licenses that may change the balance of one, itself included. */
  connectedTo(licenseId: string): readonly string[];
}

type StoredOverage = { kind: 'none' } | OverageAllowance;

/** Reads what the domain needs to judge pools of these licenses, in one query. */
export async function loadCatalogFacts(trx: Trx, licenseIds: readonly string[]): Promise<CatalogFacts> {
  const { rows } = await sql<{
    licenseId: string;
    tag: string;
    name: string;
    overage: StoredOverage;
    lends: Substitution[];
  }>`
    /* prepared: catalog-facts */
    with recursive connected as (
      select unnest(${[...new Set(licenseIds)]}::uuid[]) as license_id
      union
      select other.license_id
        from connected c
        join (select upper_license_id as beside, lower_license_id as license_id from substitutions
              union all
              select lower_license_id, upper_license_id from substitutions) other on other.beside = c.license_id)
    select l.license_id as "licenseId", l.tag, l.name, l.overage,
           coalesce((select json_agg(json_build_object(
                       'upperLicenseId', s.upper_license_id, 'lowerLicenseId', s.lower_license_id,
                       'upperQuantity', s.upper_quantity, 'lowerQuantity', s.lower_quantity,
                       'priority', s.priority))
                       from substitutions s where s.upper_license_id = l.license_id), '[]') as lends
      from connected join licenses l using (license_id)`.execute(trx);
  const substitutions = rows.flatMap(({ lends }) => lends);
  const connections = connectionsOf(substitutions);
  return {
    licenses: new Map(
      rows.map(({ licenseId, tag, name, overage }) => [
        licenseId,
        { licenseId, tag, name, allowance: overage.kind === 'none' ? null : overage },
      ]),
    ),
    plan: planSubstitution(substitutions),
    connectedTo: (licenseId) => connections.get(licenseId) ?? [licenseId],
  };
}

/** For every license that has substitutions, the whole group that hangs together through them. */
function connectionsOf(substitutions: readonly Substitution[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { upperLicenseId, lowerLicenseId } of substitutions) {
    const upper = groups.get(upperLicenseId) ?? [upperLicenseId];
    const lower = groups.get(lowerLicenseId) ?? [lowerLicenseId];
    if (upper === lower) continue;
    const joined = [...upper, ...lower];
    for (const licenseId of joined) groups.set(licenseId, joined);
  }
  return groups;
}
