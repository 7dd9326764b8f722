import { dueAtOf, standingOf } from '@estover/domain/agreements';
import { getAgreements, getAgreementVersion } from '@estover/protocol';
import { type Handler, view } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { acceptanceAnswer, versionAnswer, versionFacts } from './agreement-answers.ts';
import { acceptancesOf, findVersion, newestVersions, readGates, standingsOf } from './agreements-store.ts';
import { whoAccepts } from './who-accepts.ts';

export const accountAgreementViews: readonly Handler[] = [
  view(getAgreements, async (context, { params: { accountId } }) => {
    const { trx, now } = context;
    const acceptances = (await acceptancesOf(trx, accountId)).map(acceptanceAnswer);
    const newest = new Map((await newestVersions(trx)).map((version) => [version.agreement, version]));
    const agreements = (await standingsOf(trx, [accountId])).flatMap((facts) => {
      const version = newest.get(facts.agreement);
      if (version === undefined) return [];
      const own = acceptances.filter(({ agreement }) => agreement === facts.agreement);
      return [
        {
          version: versionFacts(version),
          standing: standingOf(facts, facts.createdAt, now),
          dueAt: dueAtOf(facts, facts.createdAt).toString(),
          accepted: own.find((each) => each.version === facts.acceptedVersion) ?? null,
        },
      ];
    });
    const { onlyAcceptedBy, mayAccept } = await whoAccepts(context, accountId);
    return { agreements, acceptances, blocked: await readGates(trx), onlyAcceptedBy, mayAccept };
  }),

  view(getAgreementVersion, async ({ trx }, { params: { agreement, version } }) => {
    const found = await findVersion(trx, agreement, version);
    if (found === undefined) throw notFound('version of an agreement');
    return { version: versionAnswer(found) };
  }),
];
