import { isPartner } from '@estover/domain/access';
import { limitToSeller, listSellers } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { command, view } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { endPreviousSecret, lockKeysKnownTo, setApiKeyRevoked } from './api-keys-store.ts';
import { mayGiveAll } from './granting.ts';
import { grantsAnywhereOf } from './grants-store.ts';
import { type EndedKey, keysInWords, requireAdministratorStays } from './losing-rights.ts';
import { requireRecentProof } from './own-session.ts';
import { findPerson } from './people-store.ts';
import { lockAccount } from './scope.ts';
import { saveSellerLimit, sellerLimitOf, sellersOf } from './seller-limits-store.ts';

/** Refuses to limit a person of the account's own company. */
export async function requirePartner(
  { trx }: Pick<Context, 'trx'>,
  accountId: string,
  email: string,
): Promise<void> {
  const { domainIdentifier } = await trx
    .selectFrom('accounts')
    .select('domain_identifier as domainIdentifier')
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  if (isPartner(domainIdentifier, email)) return;
  throw new Refused('not-a-partner', `${email} is of the account’s own company, ${domainIdentifier}.`);
}

/** A limited person makes no API keys, so those of before end. */
export async function endAllKeysOf(
  { trx, now }: Context,
  accountId: string,
  personId: string,
): Promise<EndedKey[]> {
  const known = await lockKeysKnownTo(trx, accountId, [personId], now);
  const made = known.filter(({ madeByPerson }) => madeByPerson === personId);
  for (const { apiKeyId } of made) await setApiKeyRevoked(trx, apiKeyId, now);
  // Of one that somebody else rotated since, the secret that the person knows ends.
  for (const key of known) if (!made.includes(key)) await endPreviousSecret(trx, key.apiKeyId, now);
  return made.map(({ apiKeyId, name }) => ({ apiKeyId, name }));
}

export const sellerHandlers = [
  view(listSellers, async ({ trx }, { params }) => ({ items: await sellersOf(trx, params.accountId) })),

  command(limitToSeller, async (context, { params, body }) => {
    const { accountId, personId } = params;
    const { trx, now, actor } = context;
    const { soldBy } = body;
    if (!(await lockAccount(trx, accountId))) throw notFound('account');
    const held = (await grantsAnywhereOf(trx, personId, now)).filter(
      (grant) => grant.accountId === accountId,
    );
    const person = await findPerson(trx, personId);
    if (person === undefined || held.length === 0) throw notFound('person in this account');
    // To limit is to take away, where it makes no difference how long it would have lasted; to lift is to give.
    const wanted = soldBy === null ? held : held.map((grant) => ({ ...grant, until: now }));
    if (!(await mayGiveAll(context, accountId, wanted))) {
      throw new Refused(
        'grant-exceeds-own',
        `The roles of ${person.email} reach further than you may manage.`,
      );
    }
    const before = await sellerLimitOf(trx, accountId, personId);
    if (before === soldBy) {
      const is = before === null ? 'not limited' : `limited to the lots of ${before}`;
      throw new Refused('nothing-to-do', `${person.email} is ${is} already.`);
    }
    if (soldBy !== null) await requirePartner(context, accountId, person.email);
    const administers = held.some(({ role }) => role === 'account-administrator');
    if (administers && soldBy === null) requireRecentProof(context);
    if (administers && soldBy !== null && before === null) {
      await requireAdministratorStays(
        context,
        accountId,
        (each) => each.personId === personId,
        `${person.email} is the last administrator of the account without an end who can sign in.`,
      );
    }
    await saveSellerLimit(trx, { accountId, personId }, soldBy, { by: actor.name, at: now });
    const apiKeysRevoked = soldBy === null ? [] : await endAllKeysOf(context, accountId, personId);
    return {
      answer: { personId, soldBy, apiKeysRevoked },
      event: {
        accountId,
        objectKind: 'person',
        objectId: personId,
        message:
          soldBy === null
            ? `lifted the limit of ${person.email} to the lots of ${before}`
            : `limited ${person.email} to the lots of ${soldBy}${keysInWords(apiKeysRevoked)}`,
        before: { soldBy: before },
        after: { soldBy, email: person.email, apiKeysRevoked },
      },
    };
  }),
];
