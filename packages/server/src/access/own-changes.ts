import { recordEvents } from '../audit/record-event.ts';
import type { Trx } from '../database/database.ts';
import { type MailContent, queueMail } from '../notifications/index.ts';
import type { PasswordDependencies } from './password-reset.ts';

/** A person who changes how they themselves sign in, and where the request came from. */
export interface OwnRequest {
  person: { personId: string; name: string; email: string };
  from: string;
  requestId: string;
}

/** What they changed, for the events of the platform. */
export interface OwnChange {
  operation: string;
  message: string;
}

/** What the person hears of it by mail, so that they notice when it was somebody else. */
export type SignInChange = Extract<MailContent, { kind: 'sign-in-changed' }>['change'];

/** Writes the one event of a change of somebody's own sign-in. */
export async function recordOwnChange(
  trx: Trx,
  { now, newId }: Pick<PasswordDependencies, 'now' | 'newId'>,
  { person, from, requestId }: OwnRequest,
  { operation, message }: OwnChange,
): Promise<void> {
  await recordEvents(trx, [
    {
      accountId: null,
      eventId: newId(),
      at: now(),
      actor: {
        kind: 'person',
        id: person.personId,
        name: person.name,
        email: person.email,
        platformRoles: [],
      },
      operation,
      objectKind: 'person',
      objectId: person.personId,
      message,
      from,
      requestId,
    },
  ]);
}

/** The same, with a mail to the person. The caller wakes the mailer after the commit. */
export async function recordAndTell(
  trx: Trx,
  dependencies: PasswordDependencies,
  request: OwnRequest,
  told: OwnChange & { change: SignInChange },
): Promise<void> {
  const { installation, mailer, newId, now: clock } = dependencies;
  await recordOwnChange(trx, dependencies, request, told);
  const now = clock();
  await queueMail(
    { trx, now, newId, installation, mailer, afterCommit: () => {} },
    {
      to: request.person.email,
      accountId: null,
      content: {
        kind: 'sign-in-changed',
        change: told.change,
        at: now.toString(),
        link: `${installation.publicUrl}/security`,
      },
    },
  );
}
