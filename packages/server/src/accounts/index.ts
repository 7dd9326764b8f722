export { readIdentifier } from '@estover/domain/accounts';
export { settleAccountRequests } from './requests-job.ts';
export { deleteRequestsOf, purgeAccountRequests } from './requests-store.ts';
