export { normalizeDomainIdentifier } from '@estover/domain/accounts';
export { type AccountRow, findAccount } from './accounts-store.ts';
export { accountByIdOrDomain, defaultVirtualAccount, virtualAccountByPathOrId } from './look-ups.ts';
