export { readIdentifier } from '@estover/domain/accounts';
export { settleAccountRequests } from './requests-job.ts';
export { purgeAccountRequests } from './requests-store.ts';
