import { administersAll } from '@estover/domain/access';
import { beginViewAs, endViewAs } from '@estover/protocol';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { deleteAccountView, insertAccountView } from './account-views-store.ts';
import { loadGrants } from './grants-store.ts';
import { requirePerson } from './own-session.ts';
import { findPerson, isMailProved } from './people-store.ts';

export const viewAsHandlers = [
  command(beginViewAs, async (context, { params }) => {
    const { accountId, personId } = params;
    const { trx, now, grants } = context;
    const { id, session } = requirePerson(context);
    // Whoever administers all of the account sees all of it, so nobody sees more through another one's eyes.
    if (!administersAll(grants)) {
      throw new Refused('not-allowed', 'This takes an administrator of the whole account.', {
        action: 'manage-people',
      });
    }
    if (personId === id) throw new Refused('nothing-to-do', 'You see the account as yourself already.');
    const person = await findPerson(trx, personId);
    const held = await loadGrants(trx, accountId, personId, now);
    if (person !== undefined && !(await isMailProved(trx, personId))) {
      const why = `${person.email} was never confirmed, so nothing of the account is open to ${person.name} yet.`;
      throw new Refused('nothing-to-do', why);
    }
    if (person === undefined || held.length === 0) throw notFound('person in this account');
    const until = await insertAccountView(trx, { sessionId: session.sessionId, accountId, personId }, now);
    const { name, email } = person;
    return {
      answer: { viewingAs: { accountId, personId, name, email, until: until.toString() } },
      event: {
        accountId,
        objectKind: 'person',
        objectId: personId,
        message: `began to look at the account as ${name} (${email}) sees it, until ${until} at the latest`,
        after: { viewer: id, personId, email, until: until.toString() },
      },
    };
  }),

  command(endViewAs, async (context) => {
    const { actor, trx } = context;
    const { session } = requirePerson(context);
    const viewing = actor.kind === 'person' ? actor.viewing : undefined;
    if (viewing === undefined) throw new Refused('nothing-to-do', 'You look at everything as yourself.');
    await deleteAccountView(trx, session.sessionId);
    const { accountId, personId, name, email } = viewing;
    return {
      answer: { accountId, personId },
      event: {
        accountId,
        objectKind: 'person',
        objectId: personId,
        message: `ended to look at the account as ${name} (${email})`,
        before: { personId, email },
      },
    };
  }),
];
