import type { AnswerOf, getMyData } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { listPasskeys } from './passkeys-store.ts';
import { passwordHashOf } from './people-store.ts';
import { secondFactorOf } from './second-factor-store.ts';
import { listSessions } from './sessions-store.ts';

type PersonData = AnswerOf<typeof getMyData>;

/** The sessions of a person, as they are told to them. */
export async function listSessionsOf({ trx }: Context, personId: string): Promise<PersonData['sessions']> {
  return (await listSessions(trx, personId)).map(({ sessionId, signedInAt, expiresAt, from, userAgent }) => ({
    sessionId,
    signedInAt: signedInAt.toString(),
    expiresAt: expiresAt.toString(),
    from: from === '' ? null : from,
    userAgent: userAgent === '' ? null : userAgent,
  }));
}

/** How a person signs in, without what opens anything. */
export async function secondFactorAndKeysOf(
  { trx }: Context,
  personId: string,
): Promise<PersonData['signInMethods']> {
  const { isOn, since, recoveryCodesLeft } = await secondFactorOf(trx, personId);
  return {
    password: (await passwordHashOf(trx, personId)) !== undefined,
    codesSince: isOn ? (since?.toString() ?? null) : null,
    recoveryCodesLeft,
    passkeys: (await listPasskeys(trx, personId)).map(({ name, createdAt, lastUsedAt }) => ({
      name,
      createdAt: createdAt.toString(),
      lastUsedAt: lastUsedAt?.toString() ?? null,
    })),
  };
}
