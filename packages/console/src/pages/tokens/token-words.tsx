import type { token } from '@estover/protocol';
import type { z } from 'zod';
import { formatNumber, formatShortDay } from '../../format.ts';
import { StatePill } from '../../parts/figures.tsx';

export type Token = z.infer<typeof token>;

export const tokenStates: Record<Token['state'], string> = {
  active: 'Active',
  expired: 'Expired',
  'used-up': 'Used up',
  revoked: 'Revoked',
};

const day = 86_400_000;

/** Whether it still lets product instances in; amber where it ends within a week. */
export function TokenPill({ token }: { token: Token }) {
  if (token.state !== 'active') return <StatePill tone="neutral">{tokenStates[token.state]}</StatePill>;
  const endsSoon = Date.parse(token.expiresAt) - Date.now() < 7 * day;
  return endsSoon ? (
    <StatePill tone="warn">Ends {formatShortDay(token.expiresAt)}</StatePill>
  ) : (
    <StatePill tone="ok">Active</StatePill>
  );
}

/** `3 of 10`, or `3` where there is no limit. */
export function usesInWords({ uses, maximumUses }: Token): string {
  // A line end inside would tear the figure apart.
  const most = maximumUses === null ? ', no limit' : ` of ${formatNumber(maximumUses)}`;
  return `${formatNumber(uses)}${most.replaceAll(' ', '\u00A0')}`;
}

/** What a token is called in sentences: its description, or where it leads and how it begins. */
export function nameOf(token: Token): string {
  return token.description === '' ? token.prefix : token.description;
}
