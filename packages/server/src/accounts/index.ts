export { normalizeDomainIdentifier } from '@estover/domain/accounts';
