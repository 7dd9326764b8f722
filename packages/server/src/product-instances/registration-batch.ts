import { inTransaction } from '../database/transaction.ts';
import { systemActor } from '../edge/context.ts';
import { type Admitted, admitRegistrations } from './admit-registrations.ts';
import { decideSplitting } from './decide-splitting.ts';
import { type DeviceOutcome, type DeviceRefusal, tooBusy } from './device-outcome.ts';
import { createGatherer } from './gather.ts';
import {
  type PreparedRegistration,
  prepareRegistrations,
  type RegisterMessage,
  type RegistrationDependencies,
} from './prepare-registrations.ts';
import { RegistrationOvertaken } from './save-registrations.ts';

type Outcome = DeviceOutcome<'register'>;

/** Most registrations, and most tags in them, that one transaction decides. Its token is locked that long. */
const mostMessages = 250;
const mostTags = 10_000;

/** While one transaction waits for the database, certificates are made for another. Both lock in the same order. */
const roundsAtOnce = { atOnce: 2, enough: 32 };

/** Registrations that may wait for the next transaction; more are told to come later. */
const mostWaiting = 5_000;

/** How often a transaction is begun again because others took a message id or an identity in the same moment. */
const mostOvertakings = 10;

export interface RegistrationBatches {
  /** The refusal of everything that comes while too many wait; undefined while there is room. */
  refusalWhenFull(): DeviceRefusal | undefined;
  /**
   * Decides a registration with all others that wait. The same message again gets the same answer and takes no second
   * use of the token; racing registrations never take more uses than the token has. Rejects only when the server itself
   * failed.
   */
  submit(message: RegisterMessage): Promise<Outcome>;
  /** Resolves once nothing waits any more. */
  drained(): Promise<void>;
}

/** How often a registration follows its token to another account before it is told to come later. */
const mostMoves = 3;

/**
 * Gathers registrations: those that arrive while a transaction runs make up the next one. One that replaces an earlier
 * registration of its identity with `force` is rare and touches much more, so it is decided again, alone, after its
 * batch.
 */
export function createRegistrationBatches(dependencies: RegistrationDependencies): RegistrationBatches {
  const together = createGatherer<RegisterMessage, Admitted>(
    (messages) => decideAll(dependencies, messages, false),
    howMany,
    roundsAtOnce,
  );
  const alone = createGatherer<RegisterMessage, Admitted>(
    (messages) => decideAll(dependencies, messages, true),
    () => 1,
  );
  const waiting = () => together.waiting() + alone.waiting();
  const refusalWhenFull = () => (waiting() < mostWaiting ? undefined : tooBusy(waiting()));
  return {
    refusalWhenFull,
    async submit(message) {
      const refusal = refusalWhenFull();
      if (refusal !== undefined) return refusal;
      for (let moved = 0; moved < mostMoves; moved += 1) {
        const first = await together.submit(message);
        const outcome = first === 'alone' ? await alone.submit(message) : first;
        if (outcome === 'alone') throw new Error('a registration that is alone was not decided');
        if (outcome !== 'moved') return outcome;
      }
      return tooBusy(waiting());
    },
    async drained() {
      await together.drained();
      await alone.drained();
    },
  };
}

function howMany(waiting: readonly RegisterMessage[]): number {
  let tags = 0;
  let count = 0;
  for (const { request } of waiting) {
    tags += request.usage?.length ?? 0;
    if (count === mostMessages || (count > 0 && tags > mostTags)) break;
    count += 1;
  }
  return count;
}

/** The outcomes of registrations, in their order. */
async function decideAll(
  dependencies: RegistrationDependencies,
  messages: readonly RegisterMessage[],
  mayReplace: boolean,
): Promise<PromiseSettledResult<Admitted>[]> {
  const now = dependencies.now();
  try {
    const preparations = await prepareRegistrations(dependencies, messages, now);
    const decided = await decideSplitting(
      (part) => admit(dependencies, part, now, mayReplace),
      preparations.flatMap(({ prepared }) => (prepared === undefined ? [] : [prepared])),
    );
    let next = 0;
    return preparations.map(({ outcome }) => {
      if (outcome !== undefined) return { status: 'fulfilled', value: outcome };
      next += 1;
      return decided[next - 1] as PromiseSettledResult<Admitted>;
    });
  } catch (reason) {
    return messages.map(() => ({ status: 'rejected', reason }));
  }
}

async function admit(
  { db, newId }: RegistrationDependencies,
  registrations: readonly PreparedRegistration[],
  now: Temporal.Instant,
  mayReplace: boolean,
): Promise<Admitted[]> {
  if (registrations.length === 0) return [];
  for (let overtaken = 0; ; overtaken += 1) {
    try {
      return await inTransaction(db, (trx) =>
        admitRegistrations(
          { trx, now, newId, actor: systemActor, requestId: null },
          registrations,
          mayReplace,
        ),
      );
    } catch (error) {
      // Whoever was faster has committed by now, so the next try sees what they did.
      if (!(error instanceof RegistrationOvertaken) || overtaken === mostOvertakings) throw error;
    }
  }
}
