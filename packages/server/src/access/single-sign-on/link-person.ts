import { recordEvents } from '../../audit/record-event.ts';
import type { Trx } from '../../database/database.ts';
import { insertGroupPeople } from '../groups-store.ts';
import { endLinks } from '../one-time-links-store.ts';
import { recordAndTell } from '../own-changes.ts';
import type { PasswordDependencies } from '../password-reset.ts';
import {
  dropPassword,
  ensurePerson,
  isMailProved,
  lockPerson,
  type PersonRow,
  saveProvedMail,
} from '../people-store.ts';
import { lockAccount } from '../scope.ts';
import { type IdentityKey, insertIdentity } from './identities-store.ts';
import { FlowStopped } from './outcome-address.ts';
import type { Setting } from './settings-store.ts';

/** Where a request came from, for the event of what it changed. */
export interface From {
  from: string;
  requestId: string;
}

const keyIn = ({ accountId, mailDomainId, issuer, subject }: IdentityKey): IdentityKey => ({
  accountId,
  mailDomainId,
  issuer,
  subject,
});

/**
 * Links an identity with a person, whose row the caller holds, and lets them know. What proved it proved their address as
 * well. An address that nobody had proved before may have been somebody else's guess: their password and sessions end.
 *
 * @throws FlowStopped `linked-elsewhere` where the identity is somebody else's by now
 */
export async function linkPerson(
  trx: Trx,
  dependencies: PasswordDependencies,
  person: PersonRow,
  { key, domain, provesMail, ...where }: From & { key: IdentityKey; domain: string; provesMail: boolean },
): Promise<void> {
  const { now: clock, newId } = dependencies;
  const now = clock();
  const { personId, email } = person;
  if (provesMail && !(await isMailProved(trx, personId))) await dropPassword(trx, personId);
  if (provesMail) await saveProvedMail(trx, { personId, email, now });
  if (!(await insertIdentity(trx, keyIn(key), { identityId: newId(), personId, at: now }))) {
    throw new FlowStopped('linked-elsewhere');
  }
  // Whoever holds an invitation of theirs could choose a password for them.
  await endLinks(trx, 'invitation', personId);
  await recordAndTell(
    trx,
    dependencies,
    { ...where, person },
    {
      operation: 'linkIdentity',
      message: `was linked with their sign-in at ${domain}`,
      change: { what: 'identity-linked', name: domain },
    },
  );
}

/**
 * Makes the person of an identity, in the group that the setting names.
 *
 * @throws FlowStopped `group-ended` where nobody can come into it any more
 */
export async function makePerson(
  trx: Trx,
  { now: clock, newId }: PasswordDependencies,
  setting: Setting,
  given: From & { key: IdentityKey; email: string; name: string | null },
): Promise<string> {
  const now = clock();
  const { accountId, groupId, domain } = setting;
  await lockAccount(trx, accountId);
  const group =
    groupId === null
      ? undefined
      : await trx
          .selectFrom('groups')
          .select(['name', 'until'])
          .where('account_id', '=', accountId)
          .where('group_id', '=', groupId)
          .executeTakeFirst();
  const hasEnded =
    group === undefined || (group.until !== null && Temporal.Instant.compare(group.until, now) <= 0);
  if (groupId === null || hasEnded) throw new FlowStopped('group-ended');
  const made = await ensurePerson(trx, {
    personId: newId(),
    name: nameIn(given.name) ?? given.email,
    email: given.email,
    now,
  });
  const { personId, name, email } = made;
  // Somebody may have invited them at this very moment; then it is for a mail to decide.
  if ((await lockPerson(trx, personId))?.hasPassword !== false) throw new FlowStopped('ended');
  await saveProvedMail(trx, { personId, email, now });
  if (!(await insertIdentity(trx, keyIn(given.key), { identityId: newId(), personId, at: now }))) {
    throw new FlowStopped('linked-elsewhere');
  }
  await endLinks(trx, 'invitation', personId);
  await insertGroupPeople(
    trx,
    { accountId, groupId },
    { personIds: [personId], by: `Sign-in of ${domain}`, at: now },
  );
  await recordEvents(trx, [
    {
      accountId,
      eventId: newId(),
      at: now,
      actor: { kind: 'person', id: personId, name, email, platformRoles: [] },
      operation: 'joinBySingleSignOn',
      objectKind: 'group',
      objectId: groupId,
      message: `came in by the sign-in of ${domain}, into the group ${group.name}`,
      after: { personId, name, email },
      from: given.from,
      requestId: given.requestId,
    },
  ]);
  return personId;
}

/** A name as it is shown: on one line, and no longer than any that people type. */
function nameIn(given: string | null): string | null {
  const name = (given ?? '')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 120);
  return name === '' ? null : name;
}
