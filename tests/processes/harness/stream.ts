import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createToken } from '@estover/protocol';
import { readCertificate } from '@estover/protocol/signing';
import type { Random } from '@estover/protocol/testing';
import { deliver, messageIdOf, type TestDevice, testDevice } from '@estover/server/testing';
import type { Experience } from './insistent.ts';
import { insistentClient } from './insistent.ts';
import type { Journal } from './journal.ts';
import { deviceRequest, payloadOf, transferRequest } from './requests.ts';
import type { Customer, World } from './world.ts';

/** Clients that go on and on: what they were told is in the journal, to be compared with the ledger at the end. */
export interface Stream {
  readonly customer: Customer;
  readonly journal: Journal;
  readonly experience: Experience;
  /** Resolves once so many more requests have got their definite reply. */
  progress(replies: number): Promise<void>;
  /** Begins no more requests, and waits until each has its definite reply. */
  end(): Promise<void>;
}

const places = ['A', 'B', 'C'] as const;
/** Units that lie in each virtual account at first: more than the stream can move. */
const atFirst = 1_000_000;

/**
 * Lets clients transfer licenses, import orders, register product instances and report use, without a pause worth
 * naming, at whichever of the servers chance picks.
 */
export async function startStream(
  world: World,
  addresses: readonly string[],
  random: Random,
): Promise<Stream> {
  const customer = await world.account(...places);
  const { accountId } = customer;
  const tag = world.catalog.security;
  let sku = '';
  for (const virtualAccount of places) {
    ({ sku } = await deliver(world, customer, { tag, quantity: atFirst, virtualAccount }));
  }
  const { secret, token } = await customer.administrator.call(createToken, {
    params: { accountId, virtualAccountId: customer.place('A') },
    body: { maximumUses: 100_000 },
  });
  const journal: Journal = {
    accountId,
    tokenId: token.tokenId,
    available: new Map(places.map((name) => [customer.place(name), atFirst])),
    movements: new Set(),
    orders: new Set(),
    instances: new Map(),
  };
  const client = insistentClient(addresses, random);
  let ending = false;
  const done = (reply: { status: number; body: string }, what: string) => {
    if (reply.status >= 300)
      throw new Error(`${what} was refused: ${reply.status} ${reply.body.slice(0, 300)}`);
    return reply.body;
  };
  const add = (virtualAccountId: string, quantity: number) =>
    journal.available.set(virtualAccountId, (journal.available.get(virtualAccountId) ?? 0) + quantity);

  const transfer = async () => {
    const first = random.below(3);
    const from = customer.place(places[first] ?? 'A');
    const to = customer.place(places[(first + 1 + random.below(2)) % 3] ?? 'B');
    const quantity = 1 + random.below(5);
    const reply = await client.send(transferRequest(customer, from, to, [{ tag, quantity }]));
    journal.movements.add(JSON.parse(done(reply, 'a transfer')).movement.movementId);
    add(from, -quantity);
    add(to, quantity);
  };
  const importOrders = async () => {
    const numbers = Array.from({ length: 2 }, () => `I-${randomUUID()}`);
    const quantity = 1 + random.below(5);
    const rows = numbers.map((number) => `${number},Buyer,1,${sku},${quantity},${accountId},B,shipped`);
    const reply = await client.send({
      method: 'POST',
      path: '/api/v1/orders/import',
      headers: {
        authorization: `Bearer ${world.operatorKey}`,
        'content-type': 'text/csv',
        'idempotency-key': randomUUID(),
      },
      body: `order_number,buyer,line,sku,quantity,account,virtual_account,state\n${rows.join('\n')}\n`,
    });
    const answer: { orders: number; delivered: number } = JSON.parse(done(reply, 'an import'));
    if (answer.orders !== 2 || answer.delivered !== 2) throw new Error(`an import did ${reply.body}`);
    for (const number of numbers) journal.orders.add(number);
    add(customer.place('B'), 2 * quantity);
  };
  const register = async (): Promise<TestDevice> => {
    const device = await testDevice(world);
    const document = await device.writeRegistration(secret);
    const reply = await client.send(deviceRequest('register', document));
    const { instanceId, certificate } = payloadOf<{ instanceId: string; certificate: string }>(
      done(reply, 'a registration'),
    );
    const certificateSerial = readCertificate(Buffer.from(certificate, 'base64')).serial;
    device.key = { accountId, instanceId, certificateSerial };
    journal.instances.set(instanceId, { messages: [], counts: [] });
    return device;
  };
  const report = async (device: TestDevice) => {
    const count = random.below(6);
    const document = device.write('authorize', { ...device.common(), usage: [{ tag, count }] });
    const reply = await client.send(deviceRequest('authorize', document));
    const { messageId } = payloadOf<{ messageId: string }>(done(reply, 'an authorization'));
    if (messageId !== messageIdOf(document)) throw new Error(`the answer is to ${messageId}`);
    const heard = journal.instances.get(device.key?.instanceId ?? '');
    heard?.messages.push(messageId);
    heard?.counts.push(count);
  };

  const lane = async (work: () => Promise<unknown>) => {
    while (!ending) {
      await work();
      await wait(random.below(20));
    }
  };
  const devices = await Promise.all(Array.from({ length: 6 }, register));
  const lanes = [
    ...Array.from({ length: 4 }, () => lane(transfer)),
    ...devices.map((device) => lane(() => report(device))),
    lane(importOrders),
    lane(register),
  ];
  // A lane that fails ends the stream; whoever ends it is told.
  const all = Promise.all(lanes).finally(() => {
    ending = true;
  });
  all.catch(() => undefined);
  return {
    customer,
    journal,
    experience: client.experience,
    async progress(replies) {
      for (const goal = client.experience.definite + replies; client.experience.definite < goal; ) {
        if (ending) await all;
        await wait(2);
      }
    },
    async end() {
      ending = true;
      await all;
    },
  };
}
