export { readIdentifier } from '@estover/domain/accounts';
export { expireAccountMoves } from './account-moves-job.ts';
export { purgeAccountMoves } from './account-moves-store.ts';
export { bindArrivedAccounts } from './awaited-accounts-job.ts';
export {
  type AskedFor,
  awaitAccounts,
  findAskedFor,
  forgetAwaited,
  lastRequestFor,
} from './awaited-accounts-store.ts';
export { deleteContactsOf } from './order-contacts-store.ts';
export { publicMailDomainsOf } from './public-mail-domains.ts';
export { settleAccountRequests } from './requests-job.ts';
export { deleteRequestsOf, purgeAccountRequests } from './requests-store.ts';
export { countOverdueReviews, readReviewDays } from './review-store.ts';
