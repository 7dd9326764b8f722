import type { Handler } from '../edge/operation.ts';
import { acceptAccountHandler } from './accept-account.ts';
import { accountMoveViews } from './account-moves-view.ts';
import { statusHandlers } from './account-status.ts';
import { accountViews } from './account-view.ts';
import { answerMoveHandlers } from './answer-account-move.ts';
import { reviewTalkHandlers } from './ask-about-request.ts';
import { checkAccountRequestHandler } from './check-account-request.ts';
import { consentToAccountMoveHandler } from './consent-to-account-move.ts';
import { createAccountHandler } from './create-account.ts';
import { createTagKeyHandler } from './create-tag-key.ts';
import { createVirtualAccountHandler } from './create-virtual-account.ts';
import { customerRequestHandlers } from './customer-requests.ts';
import { deleteTagKeyHandler } from './delete-tag-key.ts';
import { deleteVirtualAccountHandler } from './delete-virtual-account.ts';
import { moveVirtualAccountHandler } from './move-virtual-account.ts';
import { orderContactHandlers } from './order-contacts.ts';
import { proposeMergeHandler } from './propose-merge.ts';
import { proposeSplitHandler } from './propose-split.ts';
import { requestAccountHandler } from './request-account.ts';
import { requestLinkHandlers } from './requests-by-link.ts';
import { listAccountRequestsHandler } from './requests-view.ts';
import { reviewHandlers } from './review-requests.ts';
import { tagVirtualAccountHandler } from './tag-virtual-account.ts';
import { listTagKeysHandler } from './tags-view.ts';
import { undoAccountMoveHandler } from './undo-account-move.ts';
import { updateAccountHandler } from './update-account.ts';
import { updateTagKeyHandler } from './update-tag-key.ts';
import { updateVirtualAccountHandler } from './update-virtual-account.ts';
import { upgradeHandlers } from './upgrade-account.ts';
import { listVirtualAccountsHandler } from './virtual-accounts-view.ts';

export const routes: readonly Handler[] = [
  ...accountViews,
  createAccountHandler,
  requestAccountHandler,
  checkAccountRequestHandler,
  ...customerRequestHandlers,
  ...orderContactHandlers,
  ...requestLinkHandlers,
  acceptAccountHandler,
  listAccountRequestsHandler,
  ...reviewHandlers,
  ...reviewTalkHandlers,
  updateAccountHandler,
  ...statusHandlers,
  ...upgradeHandlers,
  createVirtualAccountHandler,
  updateVirtualAccountHandler,
  moveVirtualAccountHandler,
  deleteVirtualAccountHandler,
  listVirtualAccountsHandler,
  listTagKeysHandler,
  createTagKeyHandler,
  updateTagKeyHandler,
  deleteTagKeyHandler,
  tagVirtualAccountHandler,
  ...accountMoveViews,
  proposeMergeHandler,
  proposeSplitHandler,
  consentToAccountMoveHandler,
  ...answerMoveHandlers,
  undoAccountMoveHandler,
];
