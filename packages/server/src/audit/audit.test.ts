import { randomUUIDv7 } from 'node:crypto';
import { listEvents, ProblemError } from '@estover/protocol';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { genesisHash, hashOfBatch, hashOfEvent } from './event-chain.ts';
import { chained, eventsOfBatch, insertBatch, markSealed, unsealedEvents } from './events-store.ts';
import { recordEvents } from './record-event.ts';
import { sealEvents } from './seal-events-job.ts';
import { verifyEvents } from './verify-events.ts';

let server: TestServer;
let accountId: string;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  accountId = randomUUIDv7();
});

async function write(
  count: number,
  facts: { message?: string; virtualAccountId?: string } = {},
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUIDv7());
  await server.db.transaction().execute((trx) =>
    recordEvents(
      trx,
      ids.map((eventId, index) => ({
        accountId,
        eventId,
        at: server.clock.now().add({ milliseconds: index }),
        operation: 'transferLicenses',
        actor: { kind: 'system', id: null, name: 'Estover' },
        objectKind: 'movement',
        objectId: eventId,
        message: facts.message ?? `Moved ${index}`,
        virtualAccountId: facts.virtualAccountId ?? null,
        before: { b: 1, a: [index] },
        after: null,
        from: null,
        requestId: null,
      })),
    ),
  );
  return ids;
}

const report = async () => (await verifyEvents(server.db, accountId))[0];

describe('the chain of events', () => {
  it('holds over several batches, also when sealed by several servers at once', async () => {
    await write(5);
    await Promise.all(Array.from({ length: 8 }, () => sealEvents(server.db, server.clock.now())));
    await write(3);
    await sealEvents(server.db, server.clock.now());
    await write(1);
    expect(await report()).toMatchObject({ batches: 2, events: 8, unsealed: 1, fault: null });
  });

  it.each([
    [
      'a changed message',
      (id: string) => sql`update events set message = 'Moved 999' where event_id = ${id}`,
      'the event was changed',
    ],
    [
      'a changed moment',
      (id: string) => sql`update events set at = at + interval '1 microsecond' where event_id = ${id}`,
      'the event was changed',
    ],
    [
      'a changed fact',
      (id: string) => sql`update events set before = '{"a":[7],"b":1}' where event_id = ${id}`,
      'the event was changed',
    ],
    [
      'a deleted event',
      (id: string) => sql`delete from events where event_id = ${id}`,
      'it was sealed with 3 events and has 2',
    ],
    [
      'a deleted batch',
      () => sql`delete from event_batches where account_id = ${accountId} and batch_number = 1`,
      'batch 1 is missing before this one',
    ],
    [
      'an end that was cut off',
      () => sql`delete from event_batches where account_id = ${accountId} and batch_number = 2`,
      'the event belongs to a batch that is gone',
    ],
    [
      'a rewritten head',
      () => sql`update event_batches set hash = '\\x00' where account_id = ${accountId} and batch_number = 1`,
      'its hash does not fit its events',
    ],
  ])('finds %s', async (_name, tamper, what) => {
    const [, second] = await write(3);
    await sealEvents(server.db, server.clock.now());
    await write(2);
    await sealEvents(server.db, server.clock.now());
    expect((await report())?.fault).toBeNull();
    await tamper(second as string).execute(server.db);
    const fault = (await report())?.fault;
    expect(fault).toMatchObject({ what });
    if (what === 'the event was changed') expect(fault?.eventId).toBe(second);
  });

  it('holds also while a server goes on sealing', async () => {
    let done = false;
    const sealing = (async () => {
      for (let round = 0; round < 60; round++) {
        await write(2);
        await sealEvents(server.db, server.clock.now());
      }
      done = true;
    })();
    const faults: unknown[] = [];
    while (!done) faults.push((await report())?.fault ?? null);
    await sealing;
    expect(new Set(faults)).toEqual(new Set([null]));
  });

  it('finds a batch that was rewritten as a whole by those after it', async () => {
    const [first] = await write(2);
    await sealEvents(server.db, server.clock.now());
    await write(2);
    await sealEvents(server.db, server.clock.now());
    await sql`update events set message = 'Moved 999' where event_id = ${first as string}`.execute(server.db);
    const hashes = (await eventsOfBatch(server.db, accountId, 1)).map((event) => ({
      eventId: event.eventId,
      hash: hashOfEvent(chained(event)),
    }));
    const hash = hashOfBatch(
      genesisHash,
      accountId,
      1,
      hashes.map((each) => each.hash),
      1,
    );
    for (const each of hashes) {
      await sql`update events set hash = ${each.hash} where event_id = ${each.eventId}`.execute(server.db);
    }
    await sql`update event_batches set hash = ${hash} where account_id = ${accountId} and batch_number = 1`.execute(
      server.db,
    );
    expect((await report())?.fault).toMatchObject({
      batchNumber: 2,
      what: 'it does not follow the batch before',
    });
    await sql`update event_batches set previous_hash = ${hash} where account_id = ${accountId} and batch_number = 2`.execute(
      server.db,
    );
    expect((await report())?.fault).toMatchObject({
      batchNumber: 2,
      what: 'its hash does not fit its events',
    });
  });

  it('shows where it goes on after a restore, and that a kept head may be of what was lost', async () => {
    const setEpoch = (epoch: number) => server.db.updateTable('installation').set({ epoch }).execute();
    await write(2);
    await sealEvents(server.db, server.clock.now());
    await write(2);
    await sealEvents(server.db, server.clock.now());
    const lost = (await report())?.head as { batchNumber: number; hash: string };
    // The backup knew the first batch only.
    await sql`delete from event_batches where account_id = ${accountId} and batch_number = 2`.execute(
      server.db,
    );
    await sql`update events set batch_number = null, hash = null where account_id = ${accountId} and batch_number = 2`.execute(
      server.db,
    );
    await setEpoch(5);
    await sealEvents(server.db, server.clock.now());
    const restored = await report();
    expect(restored).toMatchObject({ fault: null, batches: 2, restores: [{ fromBatch: 2, epoch: 5 }] });
    // The same events were sealed again, and yet the two chains never look alike.
    expect(restored?.head?.hash).not.toBe(lost.hash);
    const [against] = await verifyEvents(server.db, accountId, lost);
    expect(against?.fault?.what).toMatch(
      /does not have the hash that was kept; a backup was restored .* at batch 2 \(epoch 5\)/,
    );
    await sql`update event_batches set epoch = 6 where account_id = ${accountId} and batch_number = 2`.execute(
      server.db,
    );
    expect((await report())?.fault?.what).toBe('its hash does not fit its events');
    await sql`update event_batches set epoch = 7 where account_id = ${accountId} and batch_number = 1`.execute(
      server.db,
    );
    expect((await report())?.fault?.what).toBe('its hash does not fit its events');
    await setEpoch(1);
  });

  it('keeps every event in one batch when two servers seal at once and one of them has seen more', async () => {
    await write(2);
    const { slower } = await server.db.transaction().execute(async (trx) => {
      const events = await unsealedEvents(trx, accountId, 10);
      const hash = hashOfBatch(
        genesisHash,
        accountId,
        1,
        events.map((event) => hashOfEvent(chained(event))),
        1,
      );
      const batch = {
        batchNumber: 1,
        events: events.length,
        previousHash: genesisHash,
        hash,
        epoch: 1,
        sealedAt: server.clock.now(),
      };
      expect(await insertBatch(trx, accountId, batch)).toBe(true);
      await markSealed(trx, 1, events);
      await write(1);
      const slower = sealEvents(server.db, server.clock.now());
      // It has read all three events, and waits to write a batch of the same number.
      await Promise.race([slower, new Promise((resolve) => setTimeout(resolve, 300))]);
      return { slower };
    });
    await slower;
    await sealEvents(server.db, server.clock.now());
    expect(await report()).toMatchObject({ batches: 2, events: 3, unsealed: 0, fault: null });
  });

  it('finds an event whose hash was forged with it', async () => {
    const [first] = await write(2);
    await sealEvents(server.db, server.clock.now());
    await sql`update events set message = 'Moved 999' where event_id = ${first as string}`.execute(server.db);
    const forged = (await eventsOfBatch(server.db, accountId, 1)).find((event) => event.eventId === first);
    if (forged === undefined) throw new Error('the batch is empty');
    await sql`update events set hash = ${hashOfEvent(chained(forged))} where event_id = ${first as string}`.execute(
      server.db,
    );
    expect((await report())?.fault).toMatchObject({
      batchNumber: 1,
      what: 'its hash does not fit its events',
    });
  });
});

describe('a head kept outside', () => {
  it('finds a chain that was rewritten as a whole', async () => {
    await write(2);
    await sealEvents(server.db, server.clock.now());
    const head = (await report())?.head;
    if (!head) throw new Error('nothing was sealed');
    const verify = async () => (await verifyEvents(server.db, accountId, head))[0]?.fault ?? null;
    expect(await verify()).toBeNull();
    await sql`update events set message = 'Moved 999', batch_number = null where account_id = ${accountId}`.execute(
      server.db,
    );
    await sql`delete from event_batches where account_id = ${accountId}`.execute(server.db);
    await sealEvents(server.db, server.clock.now());
    expect((await report())?.fault).toBeNull();
    expect(await verify()).toMatchObject({ batchNumber: 1, what: 'it does not have the hash that was kept' });
  });
});

describe('the list of events', () => {
  it('pages newest first, filters, and shows nothing of another account', async () => {
    const seeded = await server.account('Event Lines');
    accountId = seeded.accountId;
    await write(5, { message: 'Moved 31 from Madrid' });
    const first = await seeded.administrator.call(listEvents, {
      params: { accountId },
      query: { limit: 3, search: 'madrid' },
    });
    expect(first.items).toHaveLength(3);
    const second = await seeded.administrator.call(listEvents, {
      params: { accountId },
      query: { limit: 3, search: 'madrid', cursor: first.nextCursor ?? '' },
    });
    expect(second.items).toHaveLength(2);
    expect(second.nextCursor).toBeNull();
    const instants = [...first.items, ...second.items].map(
      (item) => Temporal.Instant.from(item.at).epochMilliseconds,
    );
    expect(instants).toEqual(instants.toSorted((a, b) => b - a));

    const stranger = await server.account('Another Company');
    await expect(stranger.administrator.call(listEvents, { params: { accountId } })).rejects.toThrow(
      ProblemError,
    );
    await expect(
      seeded.administrator.call(listEvents, { params: { accountId }, query: { cursor: 'bm9uc2Vuc2U' } }),
    ).rejects.toMatchObject({ problem: { code: 'cursor-invalid', status: 422 } });
  });

  it('shows a virtual account’s people only its events', async () => {
    const seeded = await server.account('Scoped Events');
    accountId = seeded.accountId;
    const ids = await server.virtualAccounts(seeded, 'EMEA / Lyon', 'APAC');
    await write(1, { message: 'in Lyon', virtualAccountId: ids['EMEA / Lyon'] as string });
    await write(1, { message: 'in APAC', virtualAccountId: ids['APAC'] as string });
    await write(1, { message: 'of the account' });
    const key = await server.keyOf(accountId, 'viewer', {
      kind: 'virtual-accounts',
      virtualAccounts: [{ virtualAccountId: ids['EMEA'] as string, nested: true }],
    });
    const seen = await server
      .client(key)
      .call(listEvents, { params: { accountId }, query: { operation: 'transferLicenses' } });
    expect(seen.items.map((item) => item.message)).toEqual(['in Lyon']);
    expect(seen.items[0]?.virtualAccountPath).toEqual(['EMEA', 'Lyon']);
  });

  it('finds what a person did by name, id or mail address, the address only for who may see people', async () => {
    const seeded = await server.account('Found By Person');
    accountId = seeded.accountId;
    const personId = randomUUIDv7();
    const email = `${personId}@found.example`;
    await sql`insert into people (id, name, email, email_verified, created_at, updated_at)
      values (${personId}, 'Ben Adler', ${email}, true, ${server.clock.now()}, ${server.clock.now()})`.execute(
      server.db,
    );
    const place = { virtualAccountId: seeded.defaultVirtualAccountId };
    await write(1, { message: 'by the system', ...place });
    const [eventId] = await write(1, { message: 'by Ben', ...place });
    await sql`update events set actor_kind = 'person', actor_id = ${personId}, actor_name = 'Ben Adler'
      where event_id = ${eventId as string}`.execute(server.db);
    const found = async (person: string, client = seeded.administrator) =>
      (await client.call(listEvents, { params: { accountId }, query: { person } })).items.map(
        (item) => item.message,
      );
    for (const person of ['ben adler', personId, email, email.toUpperCase()]) {
      expect(await found(person)).toEqual(['by Ben']);
    }
    expect(await found('Ben')).toEqual([]);
    const scope = { kind: 'virtual-accounts' as const, virtualAccounts: [{ ...place, nested: false }] };
    const user = server.client(await server.keyOf(accountId, 'virtual-account-user', scope));
    expect([await found('Ben Adler', user), await found(email, user)]).toEqual([['by Ben'], []]);
  });
});
