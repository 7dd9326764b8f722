import { createHash, randomUUIDv7 } from 'node:crypto';
import type { SupportMode, SupportState } from '@estover/domain/support';
import type { Client } from '@estover/protocol';
import { insertRecovery, saveRecoveryState } from '../../support/recoveries-store.ts';
import { insertSupportAccess } from '../../support/support-accesses-store.ts';
import { makeStaff } from '../../support/testing/staff.ts';
import type { TestServer } from '../../testing/index.ts';

/** A support access of an account, made without the API; of nobody who is there, if no person is named. */
export async function seedSupport(
  server: TestServer,
  accountId: string,
  more: { state: Extract<SupportState, 'asked' | 'open'>; mode?: SupportMode; personId?: string },
): Promise<string> {
  const accessId = randomUUIDv7();
  const now = server.clock.now();
  await server.db.transaction().execute((trx) =>
    insertSupportAccess(trx, {
      accountId,
      accessId,
      personId: more.personId ?? randomUUIDv7(),
      mode: more.mode ?? 'read',
      reason: 'A shortage',
      caseNumber: '123',
      minutes: 480,
      state: more.state,
      askedAt: now,
      begunAt: more.state === 'open' ? now : null,
      endsAt: now.add({ hours: 8 }),
      endedAt: null,
      endedHow: null,
      decidedByPerson: null,
    }),
  );
  return accessId;
}

/** What samples of staff and support name. */
export interface MatrixSupport {
  staffId: string;
  /** An account that nobody of support has open or asked for. */
  askableId: string;
  /** A question of somebody else at the account of the stranger. */
  foreignAccessId: string;
  recoveryId: string;
  cancelToken: string;
}

export async function makeSupport(server: TestServer, foreignId: string): Promise<MatrixSupport> {
  const staff = await makeStaff(server, 'order-desk', 'Per Lund');
  const { accountId: askableId } = await server.account('Askable');
  const now = server.clock.now();
  const recovery = async (cancelToken?: string): Promise<string> => {
    const row = {
      recoveryId: randomUUIDv7(),
      kind: 'second-factors' as const,
      accountId: null,
      accountName: null,
      email: 'lost@example.com',
      personId: randomUUIDv7(),
      reason: 'Lost',
      state: 'asked' as const,
      askedByPerson: staff.personId,
      askedByName: staff.name,
      askedAt: now,
      decidedByPerson: null,
      deciderName: null,
      endsAt: now.add({ hours: 24 }),
      endedAt: null,
    };
    await server.db.transaction().execute(async (trx) => {
      await insertRecovery(trx, row);
      if (cancelToken === undefined) return;
      const hash = createHash('sha256').update(cancelToken).digest();
      await saveRecoveryState(trx, { ...row, state: 'waiting' }, hash);
    });
    return row.recoveryId;
  };
  const cancelToken = randomUUIDv7();
  await recovery(cancelToken);
  return {
    staffId: staff.personId,
    askableId,
    foreignAccessId: await seedSupport(server, foreignId, { state: 'asked' }),
    recoveryId: await recovery(),
    cancelToken,
  };
}

const operatorName = 'operator, signed in';

/**
 * Makes an operator of that caller, who is none before: with one there is no set-up any more. Whoever asked for the
 * recoveries becomes one as well, or nobody could approve them.
 */
export async function makeOperator(server: TestServer): Promise<void> {
  const { personId } = await makeStaff(server, 'operator', 'Ida Holm');
  await server.db.updateTable('recoveries').set({ asked_by_person: personId }).execute();
  await server.db
    .updateTable('platform_grants')
    .set({ role: 'operator' })
    .where('person_id', 'in', server.db.selectFrom('people').select('id').where('name', '=', operatorName))
    .execute();
}

/** The publisher's people with a session: staff outside of the account, and support that has it open. */
export async function supportCallers(
  server: TestServer,
  address: string,
  ownId: string,
): Promise<{ name: string; client: Client }[]> {
  const person = async (name: string, role: 'order-desk' | 'support', mode?: SupportMode) => {
    const { personId, browser } = await makeStaff(server, role, name, { address });
    if (mode !== undefined) await seedSupport(server, ownId, { state: 'open', mode, personId });
    return { name, client: browser.client };
  };
  return [
    await person(operatorName, 'order-desk'),
    await person('support, signed in', 'support'),
    await person('support, reading', 'support', 'read'),
    await person('support, acting', 'support', 'act'),
  ];
}
