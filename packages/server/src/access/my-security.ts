import { proofMinutes } from '@estover/domain/access';
import { mailDomainOf, normalizeMailAddress } from '@estover/domain/accounts';
import { endOtherSessions, endSession, getMySecurity } from '@estover/protocol';
import { command, type Handler, view } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { requirePerson } from './own-session.ts';
import { passkeyAnswer } from './passkeys.ts';
import { listPasskeys } from './passkeys-store.ts';
import { findPerson, isMailProved, passwordHashOf } from './people-store.ts';
import { secondFactorOf } from './second-factor-store.ts';
import * as sessions from './sessions-store.ts';
import { listIdentities } from './single-sign-on/identities-store.ts';
import { settingInForce } from './single-sign-on/settings-store.ts';
import { passkeyHost } from './webauthn.ts';

/** How a person signs in, and where they are signed in: what the page "Security" shows and changes. */
export const mySecurityHandlers: readonly Handler[] = [
  view(getMySecurity, async (context) => {
    const { trx, now, installation } = context;
    const { id, session } = requirePerson(context);
    const own = await sessions.listSessions(trx, id);
    const { isOn, since, recoveryCodesLeft } = await secondFactorOf(trx, id);
    const { email } = (await findPerson(trx, id)) ?? { email: '' };
    const setting = await settingInForce(trx, mailDomainOf(normalizeMailAddress(email)));
    const provedUntil = session.provedAt?.add({ minutes: proofMinutes }) ?? null;
    return {
      sessions: own.map(({ sessionId, signedInAt, expiresAt, from, userAgent }) => ({
        sessionId,
        signedInAt: signedInAt.toString(),
        expiresAt: expiresAt.toString(),
        from: from === '' ? null : from,
        userAgent: userAgent === '' ? null : userAgent,
        isThisOne: sessionId === session.sessionId,
      })),
      totp: { isOn, since: since?.toString() ?? null, recoveryCodesLeft },
      passkeys: (await listPasskeys(trx, id)).map(passkeyAnswer),
      email,
      emailProved: await isMailProved(trx, id),
      hasPassword: (await passwordHashOf(trx, id)) !== undefined,
      identities: (await listIdentities(trx, id)).map(({ linkedAt, lastUsedAt, ...identity }) => ({
        ...identity,
        linkedAt: linkedAt.toString(),
        lastUsedAt: lastUsedAt?.toString() ?? null,
      })),
      singleSignOn: setting === undefined ? null : { domain: setting.domain, isRequired: setting.isRequired },
      passkeyHost: passkeyHost(installation.publicUrl),
      provedUntil:
        provedUntil !== null && Temporal.Instant.compare(provedUntil, now) > 0
          ? provedUntil.toString()
          : null,
    };
  }),

  command(endSession, async (context, { params: { sessionId } }) => {
    const person = requirePerson(context);
    if (!(await sessions.endSession(context.trx, person.id, sessionId))) throw notFound('session');
    return {
      answer: { sessionId },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: person.id,
        message:
          sessionId === person.session.sessionId
            ? 'ended the session they were in'
            : 'ended another one of their sessions',
        before: { sessionId },
      },
    };
  }),

  command(endOtherSessions, async (context) => {
    const person = requirePerson(context);
    const ended = await sessions.endOtherSessions(context.trx, person.id, person.session.sessionId);
    return {
      answer: { ended },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: person.id,
        message: `ended all their other sessions: ${ended}`,
        before: { otherSessions: ended },
        after: { otherSessions: 0 },
      },
    };
  }),
];
