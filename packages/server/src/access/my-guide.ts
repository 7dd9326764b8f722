import { getMyGuide, setMyGuide } from '@estover/protocol';
import { command, type Handler, view } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { supportStandingsOf } from '../support/index.ts';
import { loadGrants } from './grants-store.ts';
import { isGuideHidden, saveGuide } from './guides-store.ts';
import { requirePerson } from './own-session.ts';

export const myGuideHandlers: readonly Handler[] = [
  view(getMyGuide, async (context, { query }) => {
    const { id } = requirePerson(context);
    return { isHidden: await isGuideHidden(context.trx, id, query.accountId ?? null) };
  }),

  command(setMyGuide, async (context, { body }) => {
    const { trx, now } = context;
    const { accountId, isHidden } = body;
    const actor = requirePerson(context);
    const { id, platformRoles } = actor;
    // Only where they belong, so that nobody fills the table with places that they cannot see.
    const belongs =
      accountId === null
        ? platformRoles.length > 0
        : (await loadGrants(trx, accountId, id, now)).length > 0 ||
          (await supportStandingsOf(trx, actor, now)).some((support) => support.accountId === accountId);
    if (!belongs) throw notFound(accountId === null ? 'platform role' : 'account');
    const before = await isGuideHidden(trx, id, accountId);
    await saveGuide(trx, id, body);
    return {
      answer: { isHidden },
      // What somebody has on their screen is no event of the account.
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: id,
        message: isHidden ? 'hid the first steps' : 'showed the first steps again',
        before: { accountId, isHidden: before },
        after: { accountId, isHidden },
      },
    };
  }),
];
