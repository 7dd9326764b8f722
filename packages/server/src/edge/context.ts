import type { Grant, PlatformRole } from '@estover/domain/access';
import type { SupportMode } from '@estover/domain/support';
import type { AccountView } from '../access/account-views-store.ts';
import type { BreachedPasswords } from '../access/breached-passwords.ts';
import type { Trx } from '../database/database.ts';
import type { Installation } from '../installation/index.ts';
import type { Mailer } from '../notifications/index.ts';
import type { WebhookSender } from '../webhooks/index.ts';

/** The session a person acts in. */
export interface PersonSession {
  sessionId: string;
  /** When they last proved who they are in it; null when that is not known. */
  provedAt: Temporal.Instant | null;
}

/** A support access that is open now. */
export interface SupportStanding {
  accountId: string;
  accessId: string;
  mode: SupportMode;
  caseNumber: string;
  reason: string;
  endsAt: Temporal.Instant;
}

/** Who acts. The name is kept with what was done, because people and keys go. */
export type Actor =
  | {
      kind: 'person';
      id: string;
      name: string;
      email: string;
      platformRoles: PlatformRole[];
      /** Absent where no session is at work: what a link in a mail does. */
      session?: PersonSession;
      /** Through whose eyes they look at an account, and nothing is changed meanwhile; absent where they do not. */
      viewing?: AccountView;
      /** Their platform roles wait until they sign in with a second factor, and are not among `platformRoles`. */
      needsSecondFactor?: boolean;
      /** The support access by which they are in the account of the path; their name says so as well. */
      support?: SupportStanding;
    }
  | {
      kind: 'api-key';
      id: string;
      name: string;
      accountId: string | null;
      platformRoles: PlatformRole[];
      /** Which of its secrets was shown: somebody else may know the one before a rotation. */
      secret: 'own' | 'previous';
    }
  | { kind: 'product-instance'; id: string; name: string }
  | { kind: 'system'; id: null; name: string }
  | { kind: 'anonymous'; id: null; name: string };

/** The system acting by itself: jobs and what follows from a term's end. */
export const systemActor: Actor = { kind: 'system', id: null, name: 'Estover' };

/** On whose behalf somebody acts. The name is kept as it was then. */
export interface OnBehalfOf {
  kind: 'person' | 'customer';
  /** Of a person their id, if they have one; of a customer the identifier of the account that is asked for. */
  id: string | null;
  name: string;
}

/** What every command and view may use. Time and ids come from here, so that tests can hold them. */
export interface Context {
  trx: Trx;
  actor: Actor;
  /** Grants of the actor in the account of the path; empty elsewhere. */
  grants: readonly Grant[];
  now: Temporal.Instant;
  newId(): string;
  requestId: string;
  /** Address the request came from. */
  from: string | null;
  installation: Installation;
  mailer: Mailer;
  webhooks: Pick<WebhookSender, 'wake'>;
  breachedPasswords: BreachedPasswords;
  /** Whether nothing of this will be kept. */
  dryRun: boolean;
  /** Runs after the transaction committed; never for a dry run. For what cannot be undone by a rollback. */
  afterCommit(work: () => void): void;
}

/** What one change writes to the audit trail, beside who and when, which the wrapper knows. */
export interface EventFacts {
  /** Null for events of the platform. */
  accountId: string | null;
  objectKind: string;
  objectId: string;
  virtualAccountId?: string | null;
  /** The other end of a change between two virtual accounts. Who sees only one of them reads no names and no numbers. */
  otherVirtualAccountId?: string | null;
  /** Another account that the same change is about: the event stands in its trail as well, under the same id. */
  alsoAccountId?: string | null;
  /** Who did it, where only the command knows: somebody who came with a link from a mail. */
  actor?: Actor;
  /** On whose behalf, where it is not whoever answers for the API client that did it: that is found by itself. */
  onBehalfOf?: OnBehalfOf | null;
  /** The change in one sentence, without who and when. */
  message: string;
  before?: unknown;
  after?: unknown;
}
