import type { passkey } from '@estover/protocol';
import { removePasskey, renamePasskey } from '@estover/protocol';
import type { z } from 'zod';
import { command, type Handler } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { queueMail } from '../notifications/index.ts';
import { requirePerson, requireRecentProof } from './own-session.ts';
import { deletePasskey, lockPasskeys, type PasskeyRow, setPasskeyName } from './passkeys-store.ts';

export const passkeyAnswer = (row: PasskeyRow): z.output<typeof passkey> => ({
  passkeyId: row.passkeyId,
  name: row.name,
  createdAt: row.createdAt.toString(),
  lastUsedAt: row.lastUsedAt?.toString() ?? null,
});

export const passkeyHandlers: readonly Handler[] = [
  command(renamePasskey, async (context, { params, body }) => {
    const person = requirePerson(context);
    const own = await lockPasskeys(context.trx, person.id);
    const found = own.find(({ passkeyId }) => passkeyId === params.passkeyId);
    if (found === undefined) throw notFound('passkey');
    await setPasskeyName(context.trx, found.passkeyId, body.name);
    const answer = passkeyAnswer({ ...found, name: body.name });
    return {
      answer: { passkey: answer },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: person.id,
        message: `renamed their passkey ${found.name} to ${body.name}`,
        before: passkeyAnswer(found),
        after: answer,
      },
    };
  }),

  command(removePasskey, async (context, { params }) => {
    const person = requirePerson(context);
    const own = await lockPasskeys(context.trx, person.id);
    const found = own.find(({ passkeyId }) => passkeyId === params.passkeyId);
    if (found === undefined) throw notFound('passkey');
    if (own.length === 1) requireRecentProof(context);
    await deletePasskey(context.trx, found.passkeyId);
    await queueMail(context, {
      to: person.email,
      accountId: null,
      content: {
        kind: 'sign-in-changed',
        change: { what: 'passkey-removed', name: found.name },
        at: context.now.toString(),
        link: `${context.installation.publicUrl}/security`,
      },
    });
    return {
      answer: { passkey: passkeyAnswer(found) },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: person.id,
        message: `removed their passkey ${found.name}`,
        before: passkeyAnswer(found),
      },
    };
  }),
];
