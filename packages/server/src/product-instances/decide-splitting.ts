import { isDatabaseAway, isGivenUp } from '../database/transaction.ts';

/**
 * Decides a batch. When it fails it is split in halves, so that a message nobody can decide fails alone. When the
 * database is away or gave up there is nothing to find out about any message: all fail at once and come again, because
 * halves that wait for the same lock one after the other would hold up everybody behind them. The outcomes are in the
 * order of the messages.
 *
 * @param decideAll decides messages in one transaction of which nothing stays when it throws
 */
export async function decideSplitting<Message, Outcome>(
  decideAll: (messages: readonly Message[]) => Promise<Outcome[]>,
  messages: readonly Message[],
): Promise<PromiseSettledResult<Outcome>[]> {
  try {
    return (await decideAll(messages)).map((value) => ({ status: 'fulfilled', value }));
  } catch (reason) {
    if (messages.length === 1 || isDatabaseAway(reason) || isGivenUp(reason)) {
      return messages.map(() => ({ status: 'rejected', reason }));
    }
    const half = Math.ceil(messages.length / 2);
    return [
      ...(await decideSplitting(decideAll, messages.slice(0, half))),
      ...(await decideSplitting(decideAll, messages.slice(half))),
    ];
  }
}
