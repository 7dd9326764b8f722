import type { Handler } from '../edge/operation.ts';
import { apiKeyHandlers } from './api-keys.ts';
import { grantRoleHandler } from './grant-role.ts';
import { getMeHandler } from './me-view.ts';
import { listPeopleHandler } from './people-view.ts';
import { revokeGrantHandler } from './revoke-grant.ts';
import { setUpHandlers } from './set-up.ts';

export const routes: readonly Handler[] = [
  getMeHandler,
  ...setUpHandlers,
  listPeopleHandler,
  grantRoleHandler,
  revokeGrantHandler,
  ...apiKeyHandlers,
];
