import {
  type AccountAction,
  type AccountRole,
  accountPolicy,
  type PlatformAction,
  platformPolicy,
} from '@estover/domain/access';
import { standingOf } from '@estover/domain/accounts';
import { type AnswerOf, getMe } from '@estover/protocol';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { operationQuery } from './api.ts';

export const meQuery = operationQuery(getMe, {});

export type Me = AnswerOf<typeof getMe>;

/** Why a button is disabled, or null where it is not. */
export type Reason = string | null;

/** Who is signed in. The route's loader has read it already. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

export const roleNames: Record<AccountRole, string> = {
  approver: 'Approver',
  'account-administrator': 'Account administrator',
  'account-user': 'Account user',
  'virtual-account-administrator': 'Virtual account administrator',
  'virtual-account-user': 'Virtual account user',
  viewer: 'Viewer',
};

/** The account of the address, with what the signed-in person may do in it. */
export function useAccount() {
  const me = useMe();
  const { accountId } = useParams({ strict: false });
  const account = me.accounts.find((candidate) => candidate.accountId === accountId);
  if (account === undefined) throw new Error('This page belongs to no account.');
  return {
    ...account,
    may: (action: AccountAction): boolean => account.actions.includes(action),
    /** Null where the action is allowed somewhere in the account, else why it is not. The server decides. */
    reasonAgainst(action: AccountAction): Reason {
      const { actions, soldBy, status } = account;
      if (me.viewingAs !== null) return 'You look as somebody else. End that first.';
      if (!actions.includes(action)) {
        return soldBy === null
          ? `Needs the role ${rolesThatMay(action)}. Ask an administrator.`
          : `You see the lots sold by ${soldBy}, and change nothing.`;
      }
      if (isReading(action) || standingOf[status].changes) return null;
      return `The account is ${status}: it can be read, and nothing in it changed.`;
    },
  };
}

/** What only looks goes on in an account of any status. */
const isReading = (action: AccountAction): boolean => action.startsWith('view-');

function rolesThatMay(action: AccountAction): string {
  const names = Object.entries(accountPolicy[action])
    .filter(([role, reach]) => reach !== 'none' && role !== 'approver')
    .map(([role]) => roleNames[role as AccountRole].toLowerCase());
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** The same for what the publisher's own staff may do. */
export function usePlatform() {
  const me = useMe();
  const may = (action: PlatformAction) => me.platformActions.includes(action);
  return {
    roles: me.platformRoles,
    may,
    reasonAgainst: (action: PlatformAction): Reason =>
      may(action) ? null : `Needs the platform role ${platformPolicy[action].join(' or ')}.`,
  };
}
