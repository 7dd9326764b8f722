import { forgetInside, forgetMembers, forgetNames, tellsApart } from '@estover/domain/privacy';
import { type ChainedEvent, rewriteEvents } from '../audit/index.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Context } from '../edge/context.ts';
import { forgetInAnswers } from './kept-answers.ts';
import {
  accountsInEvents,
  findNamedEvents,
  namesInEvents,
  nextWithAddress,
  type WantedNames,
} from './named-events-store.ts';
import { forgetInTables } from './personal-texts-store.ts';
import { finishRemoval, type RemovalRow, saveFound, unfinishedRemovals } from './removals-store.ts';

type Dependencies = Pick<Context, 'installation' | 'newId'> & { db: Database; now(): Temporal.Instant };

/** For what the names that are still to be taken out are sealed. */
export const removalPurpose = 'removal';

/** What began before a removal has ended by then, so nothing of it writes the name behind this job. */
const settleSeconds = 120;

/**
 * Takes the names of removed people out of all that was written before: every table, and then events, account by account,
 * each with a sealed statement in its chain. Then the names themselves are forgotten. May be broken off anywhere and be run
 * by two servers: it begins again and finds only what is left. Where one removal fails the others are done.
 */
export async function finishRemovals(dependencies: Dependencies): Promise<{ finished: number }> {
  const { db, now } = dependencies;
  const removals = await unfinishedRemovals(db, now().subtract({ seconds: settleSeconds }));
  const failures: unknown[] = [];
  for (const removal of removals) {
    await forgetPerson(dependencies, removal).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
  return { finished: removals.length };
}

/** What `names_sealed` holds. */
export interface SealedNames {
  email: string;
  /** What they were called, as far as it is known: today, before, and by identity providers. */
  names: string[];
}

async function forgetPerson(dependencies: Dependencies, removal: RemovalRow): Promise<void> {
  const { db, now } = dependencies;
  const wanted = await findWanted(dependencies, removal);
  if (wanted === null) return;
  // Tables first: what is done with their rows from then on names nobody in new events.
  await forgetInTables(db, wanted);
  const settled = { ...wanted, until: await lastInstant(dependencies, wanted.email) };
  await forgetInAnswers(dependencies, settled);
  await forgetInEvents(dependencies, settled);
  await finishRemoval(db, removal.personId, now());
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
  const names = [...new Set(found)].filter(tellsApart);
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
  };
}
