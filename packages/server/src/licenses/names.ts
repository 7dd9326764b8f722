import { sql } from 'kysely';
import { type VirtualAccountScope, visibleScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';

/** Names of virtual accounts and licenses, for answers. */
export interface Names {
  /** Names from the top down; empty for a virtual account the reader may not see. */
  pathOf(virtualAccountId: string): string[];
  /** Whether the reader may see the virtual account. */
  isVisible(virtualAccountId: string): boolean;
  /** Whether the virtual account was deleted. */
  isDeleted(virtualAccountId: string): boolean;
  licenseOf(licenseId: string): LicenseNames;
}

export interface LicenseNames {
  readonly licenseId: string;
  readonly tag: string;
  readonly name: string;
}

/** Which virtual accounts' names an answer may show: operators of the platform see those of what they correct. */
export function readableScope(context: Context, accountId: string): VirtualAccountScope | 'everything' {
  const isPlatform = 'platformRoles' in context.actor && context.actor.platformRoles.length > 0;
  return isPlatform && context.grants.length === 0 ? 'everything' : visibleScope(context, accountId);
}

/** Reads names in two queries, however many there are. */
export async function loadNames(
  trx: Trx,
  accountId: string,
  visible: VirtualAccountScope | 'everything',
  virtualAccountIds: Iterable<string | null>,
  licenseIds: Iterable<string>,
): Promise<Names> {
  const wanted = [...new Set(virtualAccountIds)].filter((id) => id !== null);
  const places = await sql<{ id: string; path: string[]; deleted: boolean }>`
    select v.virtual_account_id as id, v.deleted_at is not null as deleted,
           virtual_account_path(v.account_id, v.virtual_account_id) as path
      from virtual_accounts v
     where v.account_id = ${accountId} and v.virtual_account_id = any(${wanted}::uuid[])
       and ${visible === 'everything' ? sql`true` : visible.includes(sql`v.virtual_account_id`)}`.execute(
    trx,
  );
  const licenses = await sql<LicenseNames>`
    select license_id as "licenseId", tag, name from licenses
     where license_id = any(${[...new Set(licenseIds)]}::uuid[])`.execute(trx);
  const byPlace = new Map(places.rows.map((row) => [row.id, row]));
  const byLicense = new Map(licenses.rows.map((row) => [row.licenseId, row]));
  return {
    pathOf: (id) => byPlace.get(id)?.path ?? [],
    isVisible: (id) => byPlace.has(id),
    isDeleted: (id) => byPlace.get(id)?.deleted ?? false,
    licenseOf: (licenseId) => {
      const license = byLicense.get(licenseId);
      if (license === undefined) throw new Error(`License ${licenseId} is not in the catalog.`);
      return license;
    },
  };
}
