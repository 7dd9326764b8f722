import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { createAccount, createClient } from '@estover/protocol';
import { deviceMessages, documentMediaType } from '@estover/protocol/device';
import { formatSecret } from '@estover/protocol/secrets';
import { insertApiKey } from '../../packages/server/src/access/api-keys-store.ts';
import { hashPassword } from '../../packages/server/src/access/password-hash.ts';
import { choosePassword, ensurePerson } from '../../packages/server/src/access/people-store.ts';
import { testDevice } from '../../packages/server/src/testing/test-device.ts';
import { failed } from '../harness/results.ts';
import type { Bench, BenchDatabase, Figure, Scenario } from '../harness/scenario.ts';
import { compareTimes } from '../harness/welch.ts';

const password = 'correct horse battery';

/** A person's password is tried fifty times at once from all networks, so many are needed. */
const people = 60;
const warmUp = 40;

/** Fewer samples where they take long, as on a machine that does much else. */
const mostSeconds = 240;

/** One request in two ways, of which nobody may learn by its time which is which. */
interface Pair {
  name: string;
  note: string;
  path: string;
  /** What is answered to both. */
  status: number;
  contentType: string;
  body(isKnown: boolean, n: number): string;
}

/** Whether somebody learns by the time of an answer who is here. Values beyond ±4.5 are no chance (`welch.ts`). */
export const enumeration: Scenario = {
  name: 'enumeration',
  what: 'whether answers for who is here and for who is not take the same time, by Welch’s t-test',
  run,
};

async function run(bench: Bench): Promise<Figure[]> {
  const database = await bench.database();
  const { address, operatorKey } = await bench.startServer({
    database,
    // Each request says that it comes from another network, so that no bound is met.
    environment: { ESTOVER_TRUST_PROXY: 'true' },
  });
  const pairs = await preparePairs(database, address, operatorKey);
  const samples = bench.quick ? 20 : 2_000;
  const figures: Figure[] = [];
  for (const pair of pairs) {
    bench.say(`${pair.name}, ${samples} of each`);
    figures.push(await compare(address, pair, samples));
  }
  return figures;
}

async function preparePairs(
  database: BenchDatabase,
  address: string,
  operatorKey: string,
): Promise<readonly Pair[]> {
  const emails = await addPeople(database);
  const operator = createClient({ baseUrl: address, apiKey: operatorKey });
  const { account } = await operator.call(createAccount, {
    body: {
      name: 'Known',
      domainIdentifier: 'known.example',
      administrator: { name: 'Ana Ruiz', email: 'ana@known.example' },
    },
  });
  const { accountId } = account;
  const apiKeyId = await addClient(database, accountId);
  const device = await testDevice({ address, clock: { now: () => Temporal.Now.instant() } });
  const registration = (id: string) => device.writeRegistration(formatSecret('esrt_', id, randomBytes(20)));
  const registrations = { known: await registration(accountId), unknown: await registration(randomUUIDv7()) };
  const emailOf = (isKnown: boolean, n: number) =>
    isKnown ? (emails[n % people] as string) : `${randomUUIDv7()}@known.example`;
  return [
    {
      name: 'enumeration.sign-in.t',
      note: 'wrong password of somebody and of nobody',
      path: '/auth/sign-in/email',
      status: 401,
      contentType: 'application/json',
      body: (isKnown, n) => JSON.stringify({ email: emailOf(isKnown, n), password: 'wrong horse battery' }),
    },
    {
      name: 'enumeration.password-reset.t',
      note: 'a new password asked for by somebody and by nobody',
      path: '/auth/request-password-reset',
      status: 202,
      contentType: 'application/json',
      body: (isKnown, n) => JSON.stringify({ email: emailOf(isKnown, n) }),
    },
    {
      name: 'enumeration.client.t',
      note: 'wrong secret of a client and of none',
      path: '/oauth/token',
      status: 401,
      contentType: 'application/x-www-form-urlencoded',
      body: (isKnown) =>
        new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: isKnown ? apiKeyId : randomUUIDv7(),
          client_secret: formatSecret('esak_', accountId, randomBytes(20)),
        }).toString(),
    },
    {
      name: 'enumeration.registration-token.t',
      note: 'an unknown token of an account and of none',
      path: deviceMessages.register.path,
      status: 422,
      contentType: documentMediaType,
      body: (isKnown) => (isKnown ? registrations.known : registrations.unknown),
    },
  ];
}

/** People with a password, without their mails. */
async function addPeople({ db }: BenchDatabase): Promise<string[]> {
  const passwordHash = await hashPassword(password);
  const now = Temporal.Now.instant();
  const emails = Array.from({ length: people }, () => `${randomUUIDv7()}@known.example`);
  await db.transaction().execute(async (trx) => {
    for (const email of emails) {
      const made = await ensurePerson(trx, { personId: randomUUIDv7(), name: 'Ana Ruiz', email, now });
      await choosePassword(trx, { ...made, passwordHash, newId: randomUUIDv7(), now });
    }
  });
  return emails;
}

/** A client of the account, of whose secret nobody knows. */
async function addClient({ db }: BenchDatabase, accountId: string): Promise<string> {
  const apiKeyId = randomUUIDv7();
  await db.transaction().execute((trx) =>
    insertApiKey(trx, {
      apiKeyId,
      accountId,
      name: 'Sync',
      role: 'viewer',
      scope: { kind: 'account' },
      secret: formatSecret('esak_', accountId, randomBytes(20)),
      createdBy: 'bench',
      createdAt: Temporal.Now.instant(),
      expiresAt: null,
    }),
  );
  return apiKeyId;
}

/** Sends both ways in turn, either first by chance, over one connection, and compares their times. */
async function compare(address: string, pair: Pair, samples: number): Promise<Figure> {
  const times = { known: [] as number[], unknown: [] as number[] };
  const wrong: number[] = [];
  let network = 0;
  const send = async (isKnown: boolean, n: number): Promise<number> => {
    const body = pair.body(isKnown, n);
    network += 1;
    const from = `10.${(network >> 16) & 255}.${(network >> 8) & 255}.${network & 255}`;
    const began = performance.now();
    const answer = await fetch(`${address}${pair.path}`, {
      method: 'POST',
      headers: { 'content-type': pair.contentType, 'x-forwarded-for': from },
      body,
    });
    await answer.arrayBuffer();
    if (answer.status !== pair.status) wrong.push(answer.status);
    return performance.now() - began;
  };
  const until = performance.now() + mostSeconds * 1_000;
  for (let n = -warmUp; n < samples && performance.now() < until; n += 1) {
    const isKnownFirst = randomBytes(1).readUInt8() % 2 === 0;
    for (const isKnown of [isKnownFirst, !isKnownFirst]) {
      const time = await send(isKnown, Math.abs(n));
      if (n >= 0) times[isKnown ? 'known' : 'unknown'].push(time);
    }
  }
  const { medians, difference, t } = compareTimes(times.unknown, times.known);
  const [unknown, known] = medians.map((median) => median.toFixed(3));
  const figure = {
    name: pair.name,
    value: Math.abs(t),
    unit: '|t|',
    note: `${pair.note}; medians ${known} and ${unknown} ms, means apart by ${(difference * 1_000).toFixed(1)} µs, ${times.known.length} of each`,
  };
  return wrong.length === 0 ? figure : failed(figure, `${wrong.length} other answers, first ${wrong[0]}`);
}
