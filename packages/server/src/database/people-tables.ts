import type { Generated } from 'kysely';

/* Rows of people and of how they sign in; see `tables.ts` for how values are read. */

export interface PeopleTable {
  id: string;
  name: string;
  email: string;
  email_verified: Generated<boolean>;
  image: string | null;
  created_at: Temporal.Instant;
  updated_at: Temporal.Instant;
  last_signed_in_at: Generated<Temporal.Instant | null>;
}

export interface SessionsTable {
  id: string;
  person_id: string;
  token: string;
  expires_at: Temporal.Instant;
  ip_address: string | null;
  user_agent: string | null;
  created_at: Temporal.Instant;
  updated_at: Temporal.Instant;
  proved_at: Temporal.Instant | null;
}

export interface SignInAccountsTable {
  id: string;
  person_id: string;
  account_id: string;
  provider_id: string;
  access_token: string | null;
  refresh_token: string | null;
  id_token: string | null;
  access_token_expires_at: Temporal.Instant | null;
  refresh_token_expires_at: Temporal.Instant | null;
  scope: string | null;
  password: string | null;
  created_at: Temporal.Instant;
  updated_at: Temporal.Instant;
}

export interface VerificationsTable {
  id: string;
  identifier: string;
  value: string;
  expires_at: Temporal.Instant;
  created_at: Temporal.Instant;
  updated_at: Temporal.Instant;
}

export interface PlatformGrantsTable {
  person_id: string;
  role: string;
  granted_at: Temporal.Instant;
  /** Null for the first operator, whom nobody gave it. */
  granted_by: string | null;
  until: Temporal.Instant | null;
}

export interface OneTimeLinksTable {
  link_id: string;
  kind: string;
  person_id: string | null;
  secret_hash: Buffer;
  created_at: Temporal.Instant;
  expires_at: Temporal.Instant;
  used_at: Temporal.Instant | null;
}

export interface PasswordResetRequestsTable {
  request_id: string;
  email: string;
  created_at: Temporal.Instant;
}

export interface TotpSecretsTable {
  person_id: string;
  secret_sealed: string;
  started_at: Temporal.Instant;
  confirmed_at: Temporal.Instant | null;
  last_step: Generated<number>;
}

export interface RecoveryCodesTable {
  person_id: string;
  code_hash: Buffer;
  used_at: Temporal.Instant | null;
}

export interface PasskeysTable {
  passkey_id: string;
  person_id: string;
  name: string;
  credential_id: string;
  public_key: Buffer;
  counter: number;
  transports: string[];
  created_at: Temporal.Instant;
  last_used_at: Temporal.Instant | null;
}

export interface SignInChallengesTable {
  challenge_hash: Buffer;
  kind: string;
  person_id: string | null;
  tries: Generated<number>;
  created_at: Temporal.Instant;
  expires_at: Temporal.Instant;
}
