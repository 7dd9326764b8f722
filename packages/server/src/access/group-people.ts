import { addToGroup, removeFromGroup } from '@estover/protocol';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { admitPerson } from './admit-person.ts';
import { requireMayGive } from './granting.ts';
import { eventOf, groupAnswer, requireGroup } from './groups.ts';
import { deleteGroupPerson, insertGroupPeople, peopleIn } from './groups-store.ts';
import { mayInvite, namedAccount } from './inviting.ts';
import { endKeysOf, keysInWords, requireAdministratorStays } from './losing-rights.ts';
import { mailKey } from './people-store.ts';
import { lockAccount } from './scope.ts';

export const addToGroupHandler = command(addToGroup, async (context, { params, body }) => {
  const { accountId, groupId } = params;
  const { trx, now, actor } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const group = await requireGroup(context, accountId, groupId);
  if (group.until !== null && Temporal.Instant.compare(group.until, now) <= 0) {
    throw new Refused('group-ended', `The role of the group ${group.name} ended at ${group.until}.`);
  }
  await requireMayGive(context, accountId, group);
  refuseRepeated(body.people);

  const account = await namedAccount(trx, accountId);
  const there = new Set(await peopleIn(trx, accountId, groupId));
  const admitted = [];
  for (const { email, name } of body.people) {
    const given = { email, name: name ?? email };
    admitted.push(await admitPerson(context, account, given, mayInvite(context, accountId)));
  }
  const isNew = (personId: string) => !there.has(personId);
  const personIds = admitted.map(({ person }) => person.personId).filter(isNew);
  await insertGroupPeople(trx, group, { personIds, by: actor.name, at: now });
  const people = [];
  for (const { person, mayBeReminded, tell } of admitted) {
    const added = isNew(person.personId);
    // Somebody who is in the group already hears of it again only with a new link.
    const told = added || mayBeReminded ? await tell(group) : { invitationLink: null, mailed: false };
    people.push({ personId: person.personId, email: person.email, added, ...told });
  }
  const after = { ...group, people: group.people + personIds.length };
  const emails = people.filter(({ added }) => added).map(({ email }) => email);
  return {
    answer: { group: groupAnswer(after), people },
    event: {
      ...eventOf(group),
      message:
        emails.length === 0
          ? `invited people of the group ${group.name} again`
          : `added ${emails.join(', ')} to the group ${group.name}`,
      after: { ...groupAnswer(after), added: emails },
    },
  };
});

export const removeFromGroupHandler = command(removeFromGroup, async (context, { params }) => {
  const { accountId, groupId, personId } = params;
  const { trx } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const group = await requireGroup(context, accountId, groupId);
  await requireAdministratorStays(
    context,
    accountId,
    (each) => each.grantId === groupId && each.personId === personId,
    'This is the last administrator of the account without an end who can sign in.',
  );
  const removed = await deleteGroupPerson(trx, group, personId);
  if (removed === undefined) throw notFound('person in this group');
  const apiKeysRevoked = await endKeysOf(context, accountId, [personId]);
  return {
    answer: { groupId, personId, apiKeysRevoked },
    event: {
      ...eventOf(group),
      message: `took ${removed.email} out of the group ${group.name}${keysInWords(apiKeysRevoked)}`,
      before: { ...groupAnswer(group), email: removed.email },
      after: { apiKeysRevoked },
    },
  };
});

function refuseRepeated(people: readonly { email: string }[]): void {
  const keys = people.map(({ email }) => mailKey(email));
  const errors = keys.flatMap((key, index) =>
    keys.indexOf(key) === index
      ? []
      : [{ pointer: `body/people/${index}/email`, detail: `${key} is named twice`, code: 'repeated' }],
  );
  const first = errors[0];
  if (first === undefined) return;
  throw new Refused('invalid-request', `${first.pointer}: ${first.detail}.`, { errors });
}
