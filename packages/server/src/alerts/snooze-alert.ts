import { snoozeAlert } from '@estover/protocol';
import { requireVirtualAccount } from '../access/scope.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { setSnoozed } from './alerts-store.ts';
import { findAlert } from './alerts-view.ts';

type Alert = NonNullable<Awaited<ReturnType<typeof findAlert>>>;

/** Puts an alert aside. It comes back by itself when the days are over, or before when it grows worse. */
export const snoozeAlertCommand = command(snoozeAlert, async (context, { params, body }) => {
  const { accountId, alertId } = params;
  const before = await findAlert(context, accountId, alertId);
  if (before === undefined) throw notFound('alert');
  if (before.virtualAccountId !== null) {
    await requireVirtualAccount(context, accountId, before.virtualAccountId, 'move-inventory');
  }
  const until = context.now.add({ hours: 24 * body.days });
  if (before.resolvedAt !== null || !(await setSnoozed(context.trx, accountId, alertId, until))) {
    throw new Refused('alert-ended', `The alert ended on ${before.resolvedAt ?? 'its own'}.`);
  }
  const alert = { ...before, snoozedUntil: until.toString() };
  return {
    answer: { alert },
    event: {
      accountId,
      objectKind: 'alert',
      objectId: alertId,
      virtualAccountId: before.virtualAccountId,
      message: `Put aside for ${body.days} days: ${sentenceOf(before)}`,
      before: { snoozedUntil: before.snoozedUntil },
      after: { snoozedUntil: alert.snoozedUntil },
    },
  };
});

/** The sentence of an alert in that of an event. */
const sentenceOf = ({ message, virtualAccountId, virtualAccountPath: path }: Alert): string =>
  virtualAccountId === null
    ? message
    : message.replace(path.join(' / '), () => placeInWords({ virtualAccountId, path }));
