import { type AgreementGate, judgeGate } from '@estover/domain/agreements';
import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import { readGates, standingsOf } from './agreements-store.ts';

type GateContext = Pick<Context, 'trx' | 'now'>;

const what: Record<AgreementGate, string> = {
  tokens: 'makes no new tokens',
  delivery: 'takes no delivery',
  transfers: 'moves nothing',
  downloads: 'downloads no reports',
};

/**
 * Refuses what is closed to an account that has not accepted an agreement in time. What it has already goes on.
 *
 * @throws Refused `agreement-overdue`, with who may accept and where
 */
export async function requireAgreements(
  { trx, now, installation }: GateContext & Pick<Context, 'installation'>,
  accountId: string,
  gate: AgreementGate,
): Promise<void> {
  const blocked = await readGates(trx);
  // Most platforms close little, and then nothing more is read.
  if (!blocked.includes(gate)) return;
  const standings = await standingsOf(trx, [accountId]);
  const createdAt = standings[0]?.createdAt ?? now;
  const judged = judgeGate(gate, blocked, standings, createdAt, now);
  if (judged.ok) return;
  const titles = judged.overdue.map(({ title, version }) => `${title}, version ${version}`).join('; ');
  throw new Refused(
    'agreement-overdue',
    `The account has not accepted ${titles} in time and ${what[gate]} until an approver or administrator of the account does.`,
    {
      agreements: judged.overdue.map(({ agreement, version }) => ({ agreement, version })),
      mayAccept: ['approver', 'account-administrator'],
      page: `${installation.publicUrl}/accounts/${accountId}/agreements`,
    },
  );
}

/** Of these accounts those that a gate is closed to. One query for all of them. */
export async function closedAccounts(
  { trx, now }: GateContext,
  accountIds: readonly string[],
  gate: AgreementGate,
): Promise<Set<string>> {
  const blocked = await readGates(trx);
  if (!blocked.includes(gate) || accountIds.length === 0) return new Set();
  const byAccount = Map.groupBy(
    await standingsOf(trx, [...new Set(accountIds)]),
    ({ accountId }) => accountId,
  );
  const closed = [...byAccount].filter(
    ([, standings]) => !judgeGate(gate, blocked, standings, standings[0]?.createdAt ?? now, now).ok,
  );
  return new Set(closed.map(([accountId]) => accountId));
}
