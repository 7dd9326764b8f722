import type { license, product, substitution } from '@estover/protocol';
import type { z } from 'zod';
import { count, formatNumber } from '../../format.ts';

export type CatalogLicense = z.infer<typeof license>;
export type Product = z.infer<typeof product>;
export type Substitution = z.infer<typeof substitution>;

export const enforcements: Record<CatalogLicense['enforcement'], string> = {
  unenforced: 'Unenforced',
  enforced: 'Enforced',
  'export-controlled': 'Export-controlled',
};

/** How much more than owned may be in use: `none`, `5`, `10 %`. */
export function overageInWords({ overage }: CatalogLicense): string {
  switch (overage.kind) {
    case 'none':
      return 'none';
    case 'quantity':
      return formatNumber(overage.quantity);
    case 'percent':
      return `${overage.percent} %`;
  }
}

/** `Perpetual`, `36 months`, `Demo of 30 days`. */
export function termInWords({ term }: Product): string {
  switch (term.kind) {
    case 'perpetual':
      return 'Perpetual';
    case 'term':
      return count(term.months, 'month');
    case 'demo':
      return `Demo of ${count(term.days, 'day')}`;
  }
}

/** What a license is called inside its tag: `Network Advantage` is `NETWORK_ADVANTAGE`. */
const tagName = (name: string): string =>
  name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toUpperCase();

/**
 * Proposes an entitlement tag in the regid form of ISO/IEC 19770-2, or null where a part is missing.
 *
 * @param domain the publisher's domain as people write it, such as `vendor.example`
 * @param month when the publisher owned the domain, `YYYY-MM`
 */
export function proposeTag(parts: {
  domain: string;
  month: string;
  name: string;
  version: string;
  id: string;
}): string | null {
  const domain = parts.domain.trim().toLowerCase();
  const name = tagName(parts.name);
  const version = parts.version.trim();
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain) || name === '' || !/^[0-9A-Za-z.]+$/.test(version))
    return null;
  return `regid.${parts.month}.${domain.split('.').reverse().join('.')}.${name},${version}_${parts.id}`;
}
