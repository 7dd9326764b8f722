export { readIdentifier } from '@estover/domain/accounts';
export { publicMailDomainsOf } from './public-mail-domains.ts';
export { settleAccountRequests } from './requests-job.ts';
export { deleteRequestsOf, purgeAccountRequests } from './requests-store.ts';
