import { type AnswerOf, keepAccess, keepPersonAccess, type listAccessReview } from '@estover/protocol';
import { sql } from 'kysely';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { saveKept } from './access-review-store.ts';
import { makerOfKey } from './api-keys-store.ts';
import { seenGrants } from './people-view.ts';

type Grant = AnswerOf<typeof listAccessReview>['items'][number]['grant'];

/**
 * Keeps roles of a person, all of them or none. Nobody keeps their own, nor those of whoever made the API key they use.
 *
 * @throws Refused `not-found` where one of them is gone or not the caller's to review, `own-review`
 */
async function keep(
  context: Context,
  { accountId, personId, grantIds }: { accountId: string; personId: string; grantIds: readonly string[] },
): Promise<{ kept: { by: string; at: string }; email: string; grants: Grant[] }> {
  const { trx, now, actor } = context;
  const wanted = [...new Set(grantIds)];
  const seen = seenGrants(context, accountId, personId, 'manage-people');
  const { rows } = await sql<{ grant: Grant; email: string }>`
    select seen.grant, p.email from (${seen}) seen join people p on p.id = seen.person_id
     where seen.grant_id = any(${wanted}::uuid[]) order by seen.grant_id`.execute(trx);
  const [first] = rows;
  if (first === undefined || rows.length < wanted.length) throw notFound('role of this person');
  const reviewer = actor.kind === 'api-key' ? await makerOfKey(trx, actor) : actor.id;
  if (reviewer === personId)
    throw new Refused('own-review', 'This is a role of the person who would keep it.');
  await saveKept(trx, { accountId, grantIds: wanted, personId }, { by: actor.name, at: now });
  return {
    kept: { by: actor.name, at: now.toString() },
    email: first.email,
    grants: rows.map(({ grant }) => grant),
  };
}

export const keepHandlers = [
  command(keepAccess, async (context, { params: { accountId }, body: { grantId, personId } }) => {
    const { kept, email, grants } = await keep(context, { accountId, personId, grantIds: [grantId] });
    const [grant] = grants;
    return {
      answer: { kept },
      event: {
        accountId,
        objectKind: 'grant',
        objectId: grantId,
        message: `looked at the role ${grant?.role} of ${email} and kept it`,
        after: { personId, email, role: grant?.role, scope: grant?.scope },
      },
    };
  }),

  command(keepPersonAccess, async (context, { params: { accountId, personId }, body: { grantIds } }) => {
    const { kept, email, grants } = await keep(context, { accountId, personId, grantIds });
    const roles = grants.map(({ grantId, role, scope }) => ({ grantId, role, scope }));
    const names = [...new Set(roles.map(({ role }) => role))].sort().join(', ');
    return {
      answer: { kept, roles: roles.length },
      event: {
        accountId,
        objectKind: 'person',
        objectId: personId,
        message: `looked at ${roles.length} ${roles.length === 1 ? 'role' : 'roles'} of ${email} and kept all: ${names}`,
        after: { personId, email, roles },
      },
    };
  }),
];
