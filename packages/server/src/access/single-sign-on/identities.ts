import { removeIdentity } from '@estover/protocol';
import { command, type Handler } from '../../edge/operation.ts';
import { notFound, Refused } from '../../edge/refused.ts';
import { queueMail } from '../../notifications/index.ts';
import { requirePerson, requireRecentProof } from '../own-session.ts';
import { lockPerson, passwordHashOf } from '../people-store.ts';
import { deleteIdentity, listIdentities } from './identities-store.ts';

export const identityHandlers: readonly Handler[] = [
  command(removeIdentity, async (context, { params: { identityId } }) => {
    const { trx, now, installation } = context;
    const person = requirePerson(context);
    requireRecentProof(context);
    await lockPerson(trx, person.id);
    const identities = await listIdentities(trx, person.id);
    const found = identities.find((each) => each.identityId === identityId);
    if (found === undefined) throw notFound('identity');
    if (identities.length === 1 && (await passwordHashOf(trx, person.id)) === undefined) {
      throw new Refused('only-way-in', `Without the sign-in at ${found.domain} you have no password.`);
    }
    await deleteIdentity(trx, person.id, identityId);
    await queueMail(context, {
      to: person.email,
      accountId: null,
      content: {
        kind: 'sign-in-changed',
        change: { what: 'identity-removed', name: found.domain },
        at: now.toString(),
        link: `${installation.publicUrl}/security`,
      },
    });
    return {
      answer: { identityId },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: person.id,
        message: `unlinked their sign-in at ${found.domain}`,
        before: { issuer: found.issuer, subject: found.subject },
      },
    };
  }),
];
