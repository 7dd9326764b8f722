/** What is kept of a registration token, apart from the hash of its secret. */
export interface TokenFacts {
  expiresAt: Temporal.Instant;
  revokedAt: Temporal.Instant | null;
  /** Null for as many as you like. */
  maximumUses: number | null;
  uses: number;
}

export type TokenState = 'active' | 'expired' | 'used-up' | 'revoked';

/** What a token is at an instant. It ends at its expiry, not after it; revoked comes before everything else. */
export function tokenStateAt(token: TokenFacts, at: Temporal.Instant): TokenState {
  if (token.revokedAt !== null) return 'revoked';
  if (Temporal.Instant.compare(token.expiresAt, at) <= 0) return 'expired';
  if (token.maximumUses !== null && token.uses >= token.maximumUses) return 'used-up';
  return 'active';
}

/** Export categories of accounts that may never use export-controlled functionality (devices.md, Registration tokens). */
const withoutExportControlled: readonly string[] = ['C', 'D'];

/** Whether an account of this export category may be offered export-controlled functionality at all. */
export function mayAllowExportControlled(exportCategory: string): boolean {
  return !withoutExportControlled.includes(exportCategory);
}
