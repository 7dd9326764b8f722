import type { Grant } from './roles.ts';

/** For how many minutes an administrator looks at an account as somebody else, at the longest. */
export const viewMinutes = 30;

/** Whether grants administer the whole account, and so reach everything that anybody in it sees. */
export const administersAll = (grants: readonly Grant[]): boolean =>
  grants.some(
    ({ role, scope, soldBy }) =>
      role === 'account-administrator' && scope.kind === 'account' && soldBy == null,
  );
