import { forgetInside, forgetNames } from '@estover/domain/privacy';
import { type ChainedEvent, rewriteEvents } from '../audit/index.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Context } from '../edge/context.ts';
import { findNamedEvents, formerNames, nextWithAddress } from './named-events-store.ts';
import { forgetInTables } from './personal-texts-store.ts';
import { finishRemoval, type RemovalRow, unfinishedRemovals } from './removals-store.ts';

type Dependencies = Pick<Context, 'installation' | 'newId'> & { db: Database; now(): Temporal.Instant };

/** For what the names that are still to be taken out are sealed. */
export const removalPurpose = 'removal';

/** What began before a removal has ended by then, so nothing writes the name behind this job any more. */
const settleSeconds = 120;

/**
 * Takes the names of removed people out of all that was written before: events, account by account, each with a sealed
 * statement in its chain, and every other table. Then the names themselves are forgotten. May be broken off anywhere and be
 * run by two servers: it begins again and finds only what is left.
 */
export async function finishRemovals(dependencies: Dependencies): Promise<{ finished: number }> {
  const { db, now, installation } = dependencies;
  const removals = await unfinishedRemovals(db, now().subtract({ seconds: settleSeconds }));
  for (const removal of removals) {
    if (removal.namesSealed === null) continue;
    const sealed = JSON.parse(installation.open(removalPurpose, removal.namesSealed)) as SealedNames;
    await forgetPerson(dependencies, removal, sealed);
    await finishRemoval(db, removal.personId, now());
  }
  return { finished: removals.length };
}

/** What `names_sealed` holds. */
export interface SealedNames {
  name: string;
  email: string;
}

async function forgetPerson(
  { db, now: clock, newId, installation }: Dependencies,
  removal: RemovalRow,
  { name, email }: SealedNames,
): Promise<void> {
  const { personId, pseudonym, accountIds } = removal;
  const names = [...new Set([name, ...(await formerNames(db, personId, pseudonym))])].filter(
    (each) => each.toLowerCase() !== email,
  );
  const settled = removal.removedAt.add({ seconds: settleSeconds });
  const next = await nextWithAddress(db, email);
  // What names the address from the moment on in which somebody new has it is theirs.
  const isTaken = next !== undefined && Temporal.Instant.compare(next, settled) < 0;
  const until = isTaken ? next.subtract({ microseconds: 1 }) : settled;
  const wanted = { personId, pseudonym, email, names, accountIds, until };
  const forget = forgetNames({ email, names, pseudonym });
  for (const [accountId, eventIds] of await findNamedEvents(db, wanted)) {
    await inTransaction(db, (trx) =>
      rewriteEvents(
        { trx, now: clock(), newId, installation },
        accountId,
        eventIds,
        (event) => withoutName(event, personId, pseudonym, forget),
        { personId, pseudonym },
      ),
    );
  }
  await forgetInTables(db, wanted);
}

/** An event without the name; where the person acted, without the network address they came from as well. */
function withoutName(
  event: ChainedEvent,
  personId: string,
  pseudonym: string,
  forget: (text: string) => string,
): ChainedEvent {
  const isActor = event.actorKind === 'person' && event.actorId === personId;
  return {
    ...event,
    // Who acted is told by the id: somebody else of the same name keeps theirs.
    actorName: isActor ? pseudonym : event.actorKind === 'person' ? event.actorName : forget(event.actorName),
    message: forget(event.message),
    before: forgetInside(forget, event.before),
    after: forgetInside(forget, event.after),
    from: isActor ? null : event.from,
  };
}
