import type { Connection } from './settings-store.ts';

/** For what a client's secret is sealed: this domain, this issuer, this client, and no other. */
export const secretPurpose = (
  mailDomainId: string,
  { issuer, clientId }: Extract<Connection, { protocol: 'oidc' }>,
): string => `single-sign-on:${mailDomainId}:${JSON.stringify([issuer, clientId])}`;
