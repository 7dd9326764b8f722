import { reachOf } from '@estover/domain/access';
import type { AccountKind } from '@estover/domain/accounts';
import { judgeAccepting } from '@estover/domain/agreements';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { notFound, Refused } from '../edge/refused.ts';

interface Accepting {
  name: string;
  kind: AccountKind;
  domainIdentifier: string;
  /** The person by whose acceptance it became active, with the address they have today; null where no person did. */
  createdBy: { personId: string; email: string } | null;
}

/** What decides who accepts for an account. */
async function findAccepting(trx: Trx, accountId: string): Promise<Accepting> {
  const found = await trx
    .selectFrom('accounts as a')
    .leftJoin('agreement_acceptances as c', (join) =>
      join
        .onRef('c.account_id', '=', 'a.account_id')
        .onRef('c.accepted_at', '=', 'a.created_at')
        .on('c.how', '=', 'person'),
    )
    .leftJoin('people as p', 'p.id', 'c.person_id')
    .select(['a.name', 'a.kind', 'a.domain_identifier as domainIdentifier', 'p.id as personId', 'p.email'])
    .$narrowType<{ kind: AccountKind }>()
    .where('a.account_id', '=', accountId)
    .limit(1)
    .executeTakeFirst();
  if (found === undefined) throw notFound('account');
  const { personId, email, ...account } = found;
  return { ...account, createdBy: personId === null || email === null ? null : { personId, email } };
}

/** Who accepts, and whether that is the caller. */
export async function whoAccepts(
  { trx, actor, grants }: Pick<Context, 'trx' | 'actor' | 'grants'>,
  accountId: string,
): Promise<{ onlyAcceptedBy: string | null; mayAccept: boolean; name: string }> {
  const { createdBy, ...account } = await findAccepting(trx, accountId);
  const onlyAcceptedBy =
    account.kind === 'limited-use' ? (createdBy?.email ?? account.domainIdentifier) : null;
  const isAsked = actor.kind === 'person' && reachOf(grants, 'accept-agreements').kind === 'everything';
  const mayAccept =
    isAsked &&
    judgeAccepting(account, { email: actor.email, createdIt: createdBy?.personId === actor.id }).ok;
  return { onlyAcceptedBy, mayAccept, name: account.name };
}

/**
 * Refuses a partner of an account for limited use.
 *
 * @throws Refused `partner-accepts-nothing`, with who accepts
 */
export async function requireOwn(context: Context, accountId: string): Promise<void> {
  const { onlyAcceptedBy, mayAccept, name } = await whoAccepts(context, accountId);
  if (mayAccept || onlyAcceptedBy === null) return;
  throw new Refused(
    'partner-accepts-nothing',
    `${name} is for limited use: only ${onlyAcceptedBy} accepts for it.`,
    { onlyAcceptedBy },
  );
}
