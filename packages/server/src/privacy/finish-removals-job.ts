import { forgetInside, forgetMembers, forgetNames, tellsApart } from '@estover/domain/privacy';
import { type ChainedEvent, rewriteEvents } from '../audit/index.ts';
import type { Database } from '../database/database.ts';
import { othersEnded } from '../database/others-under-way.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Context } from '../edge/context.ts';
import { forgetInAnswers } from './kept-answers.ts';
import {
  accountsInEvents,
  findNamedEvents,
  forgetUnsealedBehalf,
  namesInEvents,
  nextWithAddress,
  type WantedNames,
} from './named-events-store.ts';
import { forgetInTables } from './personal-texts-store.ts';
import { finishRemoval, type RemovalRow, saveFound, unfinishedRemovals } from './removals-store.ts';

type Dependencies = Pick<Context, 'installation' | 'newId'> & { db: Database; now(): Temporal.Instant };

/** For what the names that are still to be taken out are sealed. */
export const removalPurpose = 'removal';

/** Requests of several transactions, which carry a name from one to the next, have ended by then. */
const settleSeconds = 120;

/** How long one run waits for the transactions of others; longer than a statement may take. */
const patienceMs = 75_000;

/** How often tables are gone through in one run: what is written meanwhile names somebody at most once more. */
const mostRounds = 4;

/** As many as one transaction rewrites, and so the most batches that its statement names. */
const eventsAtOnce = 500;

/**
 * Takes the names of removed people out of all that was written before: every table, and then events, account by account,
 * each with a sealed statement in its chain. Then the names themselves are forgotten. May be broken off anywhere and be run
 * by two servers: it begins again and finds only what is left. Where one removal fails the others are done. One that a
 * transaction of others is in the way of waits for the next run.
 */
export async function finishRemovals(
  dependencies: Dependencies,
  waitMs = patienceMs,
): Promise<{ finished: number }> {
  const { db, now } = dependencies;
  const removals = await unfinishedRemovals(db, now().subtract({ seconds: settleSeconds }));
  const failures: unknown[] = [];
  let finished = 0;
  for (const removal of removals) {
    try {
      if (await forgetPerson(dependencies, removal, waitMs)) finished += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { finished };
}

/** What `names_sealed` holds. */
export interface SealedNames {
  email: string;
  /** What they were called, as far as it is known: today, before, and by identity providers. */
  names: string[];
}

async function forgetPerson(
  dependencies: Dependencies,
  removal: RemovalRow,
  waitMs: number,
): Promise<boolean> {
  const { db, now } = dependencies;
  const wanted = await findWanted(dependencies, removal);
  if (wanted === null) return true;
  // Tables first: what is done with their rows from then on names nobody in new events.
  if (!(await clearTables(db, wanted, waitMs))) return false;
  const settled = { ...wanted, until: await lastInstant(dependencies, wanted.email) };
  await forgetInAnswers(dependencies, settled);
  await forgetInEvents(dependencies, settled);
  await finishRemoval(db, removal.personId, now());
  return true;
}

/**
 * Takes the name out of all tables until nobody can write it any more. A transaction that read a row before it was changed
 * may put the name into another one, or into an event, once that was gone through. So those that run are waited for, and the
 * tables are gone through again: when nothing is found, whoever read the name has ended, and nobody after them could.
 *
 * @returns false when that has to wait for the next run
 */
async function clearTables(
  db: Database,
  wanted: Omit<WantedNames, 'until'>,
  waitMs: number,
): Promise<boolean> {
  await forgetInTables(db, wanted);
  for (let round = 1; round < mostRounds; round += 1) {
    if (!(await othersEnded(db, waitMs))) return false;
    if ((await forgetInTables(db, wanted)) === 0) return true;
  }
  return false;
}

/** What is to be taken out and where. It is noted before anything is: half of it gone, the rest is still known. */
async function findWanted(
  { db, installation }: Dependencies,
  { personId, pseudonym, namesSealed, accountIds: known }: RemovalRow,
): Promise<Omit<WantedNames, 'until'> | null> {
  if (namesSealed === null) return null;
  const sealed = JSON.parse(installation.open(removalPurpose, namesSealed)) as SealedNames;
  const { email } = sealed;
  const found = [...sealed.names, ...(await namesInEvents(db, personId, pseudonym))];
  // Words of the pseudonym itself would be found again in every text that it was put into.
  const names = [...new Set(found)].filter((name) => tellsApart(name) && !pseudonym.includes(name));
  const accountIds = [...new Set([...known, ...(await accountsInEvents(db, personId))])];
  const all: SealedNames = { email, names };
  await saveFound(db, {
    personId,
    namesSealed: installation.seal(removalPurpose, JSON.stringify(all)),
    accountIds,
  });
  return { personId, pseudonym, email, names, accountIds };
}

/** What names the address from the moment on in which somebody new has it is theirs. */
async function lastInstant({ db, now }: Dependencies, email: string): Promise<Temporal.Instant> {
  const next = await nextWithAddress(db, email);
  return next === undefined ? now() : next.subtract({ microseconds: 1 });
}

async function forgetInEvents(
  { db, now: clock, newId, installation }: Dependencies,
  wanted: WantedNames,
): Promise<void> {
  const { personId, pseudonym, email, names } = wanted;
  const forget = forgetNames({ email, names, pseudonym });
  await forgetUnsealedBehalf(db, personId, pseudonym);
  for (const [accountId, eventIds] of await findNamedEvents(db, wanted)) {
    // In the order of their ids, which is that of the chain: what lies in one batch is mostly rewritten together.
    const inOrder = eventIds.toSorted();
    for (let first = 0; first < inOrder.length; first += eventsAtOnce) {
      await inTransaction(db, (trx) =>
        rewriteEvents(
          { trx, now: clock(), newId, installation },
          accountId,
          inOrder.slice(first, first + eventsAtOnce),
          (event) => withoutName(event, personId, pseudonym, forget),
          { personId, pseudonym },
        ),
      );
    }
  }
}

/** What identity providers say of a person in members of their own, where no text is told from another. */
const saidMembers = ['externalId', 'givenName', 'familyName', 'formatted', 'displayName'];

/** An event without the name; where the person acted, without the network address they came from as well. */
function withoutName(
  event: ChainedEvent,
  personId: string,
  pseudonym: string,
  forget: (text: string) => string,
): ChainedEvent {
  const isActor = event.actorKind === 'person' && event.actorId === personId;
  const isObject = event.objectKind === 'person' && event.objectId === personId;
  const inside = (value: unknown) =>
    forgetInside(forget, isObject ? forgetMembers(value, saidMembers, pseudonym) : value);
  return {
    ...event,
    // Who acted is told by the id: somebody else of the same name keeps theirs.
    actorName: isActor ? pseudonym : event.actorKind === 'person' ? event.actorName : forget(event.actorName),
    message: forget(event.message),
    before: inside(event.before),
    after: inside(event.after),
    from: isActor ? null : event.from,
    ...(event.onBehalfOf == null
      ? {}
      : { onBehalfOf: behalfWithout(event.onBehalfOf, personId, pseudonym, forget) }),
  };
}

function behalfWithout(
  { kind, id, name }: NonNullable<ChainedEvent['onBehalfOf']>,
  personId: string,
  pseudonym: string,
  forget: (text: string) => string,
): NonNullable<ChainedEvent['onBehalfOf']> {
  if (kind !== 'person' || id === null) return { kind, id, name: forget(name) };
  return { kind, id, name: id === personId ? pseudonym : name };
}
