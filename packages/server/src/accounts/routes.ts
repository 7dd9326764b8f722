import type { Handler } from '../edge/operation.ts';
import { accountViews } from './account-view.ts';
import { createAccountHandler } from './create-account.ts';
import { createVirtualAccountHandler } from './create-virtual-account.ts';
import { listVirtualAccountsHandler } from './virtual-accounts-view.ts';

export const routes: readonly Handler[] = [
  ...accountViews,
  createAccountHandler,
  createVirtualAccountHandler,
  listVirtualAccountsHandler,
];
