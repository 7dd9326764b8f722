import { createHash } from 'node:crypto';
import { longestCode, pseudonymOf, shortestCode } from '@estover/domain/privacy';
import { type AnswerOf, removeMe, removePerson } from '@estover/protocol';
import { endPerson, mailKey, requirePerson, requireRecentProof } from '../access/index.ts';
import { deleteContactsOf, deleteRequestsOf, forgetAwaited } from '../accounts/index.ts';
import type { Actor, Context, EventFacts } from '../edge/context.ts';
import { command, type Handler } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { deleteMailsTo } from '../notifications/index.ts';
import { removalPurpose, type SealedNames } from './finish-removals-job.ts';
import { wholeNames } from './personal-texts-store.ts';
import { insertRemoval, type RemovalRow } from './removals-store.ts';

type Removal = AnswerOf<typeof removeMe>['removal'];

export const removalAnswer = (row: RemovalRow): Removal => ({
  personId: row.personId,
  pseudonym: row.pseudonym,
  removedAt: row.removedAt.toString(),
  removedBy: row.removedBy,
  textsDoneAt: row.textsDoneAt?.toString() ?? null,
});

/** Ends a person now, and notes what is to be taken out of the texts of before. */
async function remove(
  context: Context,
  personId: string,
  { confirmation, by }: { confirmation: string; by: RemovalRow['removedBy'] },
): Promise<{
  removal: RemovalRow;
  facts: Pick<EventFacts, 'objectKind' | 'objectId' | 'accountId' | 'after'>;
}> {
  const { trx, now, installation } = context;
  const ended = await endPerson(context, personId, ({ email }) => {
    if (mailKey(confirmation) === email) return;
    throw new Refused('confirmation-wrong', `Type ${email} to remove this person.`);
  });
  if (ended === undefined) throw notFound('person');
  const { name, email, otherNames, accountIds, apiKeysRevoked } = ended;
  const mails = await deleteMailsTo(trx, email);
  const requests = await deleteRequestsOf(trx, email);
  const orderContacts = await deleteContactsOf(trx, email);
  await forgetAwaited(trx, email);
  const sealed: SealedNames = { email, names: [name, ...wholeNames(otherNames)] };
  const row = {
    personId,
    removedAt: now,
    removedBy: by,
    namesSealed: installation.seal(removalPurpose, JSON.stringify(sealed)),
    accountIds,
    textsDoneAt: null,
  };
  const digest = createHash('sha256').update(personId).digest();
  for (let length = shortestCode; length <= longestCode; length++) {
    const removal = { ...row, pseudonym: pseudonymOf(digest, length) };
    if (!(await insertRemoval(trx, removal))) continue;
    const { pseudonym } = removal;
    const after = {
      pseudonym,
      accounts: accountIds.length,
      apiKeysRevoked: apiKeysRevoked.length,
      mails,
      requests,
      orderContacts,
    };
    return { removal, facts: { accountId: null, objectKind: 'person', objectId: personId, after } };
  }
  throw new Error('nobody has so long a code');
}

export const removalHandlers: readonly Handler[] = [
  command(removeMe, async (context, { body }) => {
    const { id } = requirePerson(context);
    requireRecentProof(context);
    const { confirmation } = body;
    const { removal, facts } = await remove(context, id, { confirmation, by: 'themselves' });
    const { pseudonym } = removal;
    const actor: Actor = { kind: 'person', id, name: pseudonym, email: '', platformRoles: [] };
    return {
      answer: { removal: removalAnswer(removal) },
      event: { ...facts, actor, message: `removed themselves, and are called ${pseudonym} from now on` },
    };
  }),

  command(removePerson, async (context, { params: { personId }, body }) => {
    requireRecentProof(context);
    const { confirmation, reason } = body;
    const { removal, facts } = await remove(context, personId, { confirmation, by: 'operator' });
    return {
      answer: { removal: removalAnswer(removal) },
      event: {
        ...facts,
        message: `removed a person, who is called ${removal.pseudonym} from now on: ${reason}`,
      },
    };
  }),
];
