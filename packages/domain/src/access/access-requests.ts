import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';
import type { AccountRole, GrantScope } from './roles.ts';

/**
 * How a request for access goes on (specification `accounts-and-access.md`, "People and roles"): it waits until somebody
 * who may answer it does, whoever asked takes it back, or its time is over.
 */
export const accessRequestStates = ['waiting', 'approved', 'declined', 'expired', 'withdrawn'] as const;
export type AccessRequestState = (typeof accessRequestStates)[number];

/** For how many days a request waits for an answer. */
export const accessRequestDays = 30;

/** So many requests of one person wait at once. */
export const mostWaitingAccessRequests = 10;

/** So many requests one person makes within 24 hours, those taken back included. */
export const mostAccessRequestsADay = 20;

/**
 * What an approver may give where a role was asked for: the role itself and those below it. A viewer sees people and a
 * user of virtual accounts does not, and still everybody takes the viewer for less: it changes nothing.
 */
export const rolesInPlaceOf: Record<AccountRole, readonly AccountRole[]> = {
  approver: ['approver', 'viewer'],
  'account-administrator': [
    'account-administrator',
    'approver',
    'account-user',
    'virtual-account-administrator',
    'virtual-account-user',
    'viewer',
  ],
  'account-user': ['account-user', 'virtual-account-user', 'viewer'],
  'virtual-account-administrator': ['virtual-account-administrator', 'virtual-account-user', 'viewer'],
  'virtual-account-user': ['virtual-account-user', 'viewer'],
  viewer: ['viewer'],
};

/** What somebody asks for, as far as it is known to the account. */
export interface AskedAccess {
  readonly role: AccountRole;
  /** The whole account, or the virtual account that was named; null where no virtual account has the path. */
  readonly place: 'account' | { readonly virtualAccountId: string } | null;
  readonly requesterId: string;
}

/** Who answers: a person, or an API key with whoever knows its secret. */
export interface Answering {
  readonly personId: string | null;
  /** The person who made the API key that answers; null where it is a person, or nobody knows. */
  readonly keyMadeBy: string | null;
}

export type AccessAnswerRefusal =
  | Refusal<'own-access-request', { readonly detail: string }>
  | Refusal<'more-than-asked', { readonly detail: string }>;

/** Nobody answers their own request: not in another role, and not with an API key they made (seed 001). */
export function judgeAnswering(
  asked: Pick<AskedAccess, 'requesterId'>,
  { personId, keyMadeBy }: Answering,
): Decision<null, AccessAnswerRefusal> {
  if (personId !== asked.requesterId && keyMadeBy !== asked.requesterId) return accept(null);
  const with_ = personId === asked.requesterId ? '' : ', with an API key they made';
  return refuse('own-access-request', {
    detail: `This is a request of the person who would answer it${with_}.`,
  });
}

/**
 * Judges what an approver gives: the role that was asked for or a lower one, in the place that was asked for or a part of
 * it. Whether the approver holds as much themselves is another rule (`mayGrant`).
 *
 * @param isBelow whether a virtual account is the other one or is nested in it
 */
export function judgeAnswer(
  asked: AskedAccess,
  given: { role: AccountRole; scope: GrantScope },
  isBelow: (virtualAccountId: string, other: string) => boolean,
): Decision<null, AccessAnswerRefusal> {
  const more = (detail: string) => refuse('more-than-asked', { detail });
  if (!rolesInPlaceOf[asked.role].includes(given.role)) {
    return more(`The role ${given.role} is not a part of ${asked.role}, which was asked for.`);
  }
  const { place } = asked;
  if (place === 'account') return accept(null);
  if (given.scope.kind === 'account') return more('A virtual account was asked for, not the whole account.');
  // Where nobody knows which one was meant, the approver says it.
  if (place === null) return accept(null);
  const outside = given.scope.virtualAccounts.find(
    (one) => !isBelow(one.virtualAccountId, place.virtualAccountId),
  );
  return outside === undefined
    ? accept(null)
    : more(`The virtual account ${outside.virtualAccountId} lies outside of the one that was asked for.`);
}
