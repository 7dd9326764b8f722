export { readIdentifier } from '@estover/domain/accounts';
