import type { Grant } from '@estover/domain/access';
import { reachOf } from '@estover/domain/access';
import { acceptAgreement } from '@estover/protocol';
import { requirePerson } from '../access/index.ts';
import { lockAccount, requireAccountReach } from '../access/scope.ts';
import { settleAlerts } from '../alerts/index.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { deliverWaitingLines } from '../orders/index.ts';
import { acceptanceAnswer } from './agreement-answers.ts';
import { acceptancesOf, insertAcceptances, newestVersions } from './agreements-store.ts';
import { requireOwn } from './who-accepts.ts';

export const acceptAgreementHandler = command(acceptAgreement, async (context, { params, body }) => {
  const { accountId } = params;
  const { trx, now, from } = context;
  requireAccountReach(context, 'accept-agreements');
  const person = requirePerson(context);
  // Taken before anything is read: what ships meanwhile waits for this, or is waited for.
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  await requireOwn(context, accountId);
  const newest = (await newestVersions(trx)).find(({ agreement }) => agreement === body.agreement);
  if (newest === undefined) throw notFound('agreement');
  const { title, version } = newest;
  const isRead = body.version === version && body.textHash === newest.textHash.toString('hex');
  if (!isRead) {
    throw new Refused('agreement-version', `${title} is at version ${version}.`, {
      agreement: body.agreement,
      version,
    });
  }
  const earlier = await acceptancesOf(trx, accountId);
  const same = earlier.find((each) => each.agreement === body.agreement && each.version === version);
  if (same !== undefined) {
    throw new Refused(
      'agreement-accepted',
      `Version ${version} of ${title} was accepted on ${same.acceptedAt}.`,
      {
        acceptedAt: same.acceptedAt.toString(),
      },
    );
  }
  const role = acceptingRole(context.grants);
  await insertAcceptances(trx, [
    { accountId, version: newest, by: { personId: person.id, role }, from, now },
  ]);
  await settleAlerts(context, [{ accountId, kind: 'agreement-open', cause: body.agreement }]);
  const deliveredLines = await deliverWaitingLines(context, acceptAgreement.name, accountId);
  const acceptance = (await acceptancesOf(trx, accountId)).find(
    (each) => each.agreement === body.agreement && each.version === version,
  );
  if (acceptance === undefined) throw new Error('the acceptance was just written');
  const lines =
    deliveredLines === 1 ? 'line of an order that waited was' : 'lines of orders that waited were';
  const delivered = deliveredLines === 0 ? '' : `; ${deliveredLines} ${lines} delivered`;
  return {
    answer: { acceptance: acceptanceAnswer(acceptance), deliveredLines },
    event: {
      accountId,
      objectKind: 'agreement',
      objectId: `${body.agreement}/${version}`,
      message: `accepted ${title}, version ${version}, for the account${delivered}`,
      after: { agreement: body.agreement, version, textHash: body.textHash, role, deliveredLines },
    },
  };
});

/** The role by which somebody accepts; an approver's before an administrator's, because it is what it is for. */
function acceptingRole(grants: readonly Grant[]): string {
  const accepting = grants.filter((grant) => reachOf([grant], 'accept-agreements').kind === 'everything');
  return (accepting.find(({ role }) => role === 'approver') ?? accepting[0])?.role ?? 'approver';
}
