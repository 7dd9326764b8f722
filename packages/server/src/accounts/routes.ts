import type { Handler } from '../edge/operation.ts';
import { accountViews } from './account-view.ts';
import { createAccountHandler } from './create-account.ts';
import { createVirtualAccountHandler } from './create-virtual-account.ts';
import { deleteVirtualAccountHandler } from './delete-virtual-account.ts';
import { moveVirtualAccountHandler } from './move-virtual-account.ts';
import { updateAccountHandler } from './update-account.ts';
import { updateVirtualAccountHandler } from './update-virtual-account.ts';
import { listVirtualAccountsHandler } from './virtual-accounts-view.ts';

export const routes: readonly Handler[] = [
  ...accountViews,
  createAccountHandler,
  updateAccountHandler,
  createVirtualAccountHandler,
  updateVirtualAccountHandler,
  moveVirtualAccountHandler,
  deleteVirtualAccountHandler,
  listVirtualAccountsHandler,
];
