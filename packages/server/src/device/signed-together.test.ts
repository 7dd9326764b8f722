import { createToken } from '@estover/protocol';
import { signedTogetherMediaType } from '@estover/protocol/device';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  answerOf,
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  startTestServer,
  type TestDevice,
  type TestServer,
  testDevice,
} from '../testing/index.ts';

let server: TestServer;
let account: SeededAccount;
let catalog: SeededCatalog;
let token: string;

beforeAll(async () => {
  server = await startTestServer();
  account = await server.account();
  catalog = await seedCatalog(server);
  await deliver(server, account, { tag: catalog.security, quantity: 100 });
  const params = { accountId: account.accountId, virtualAccountId: account.defaultVirtualAccountId };
  token = (await account.administrator.call(createToken, { params, body: {} })).secret;
});
afterAll(() => server.close());

/** Devices that say this in `Accept`. */
const registered = (count: number, accept?: string): Promise<TestDevice[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const device = await testDevice(server, accept === undefined ? {} : { accept });
      answerOf(await device.register(token));
      return device;
    }),
  );

/** All report at the same time; the algorithm and the signature of each answer, which the device has verified. */
async function signatures(devices: readonly TestDevice[]) {
  const replies = await Promise.all(
    devices.map((device) => device.authorize([{ tag: catalog.security, count: 1 }])),
  );
  return replies.map((reply) => {
    if (!reply.ok) throw new Error(reply.problem.detail);
    const [header, , third] = reply.document.split('.');
    const { alg } = JSON.parse(Buffer.from(header ?? '', 'base64url').toString());
    const signature = Buffer.from(third ?? '', 'base64url')
      .subarray(0, 64)
      .toString('hex');
    return { alg, signature };
  });
}

it('answers to many who ask for it share a signature, and each is believed by itself', async () => {
  const found = await signatures(await registered(30, signedTogetherMediaType));
  const together = found.filter(({ alg }) => alg === 'ES256-TREE');
  // How many meet in one batch is up to the moment; that some do is not.
  expect(together.length).toBeGreaterThan(1);
  expect(new Set(together.map(({ signature }) => signature)).size).toBeLessThan(together.length);
});

it('whoever does not ask gets an answer that was signed alone, also in the midst of others', async () => {
  const asking = await registered(10, `application/problem+json, Application/JOSE; alg="ES256-TREE"`);
  const silent = await registered(10);
  const mixed = asking.flatMap((device, index) => [device, silent[index] as TestDevice]);
  const found = await signatures(mixed);
  const alone = found.filter((_, index) => index % 2 === 1);
  expect(alone.map(({ alg }) => alg)).toEqual(alone.map(() => 'ES256'));
  expect(new Set(alone.map(({ signature }) => signature)).size).toBe(alone.length);
  expect(found.some(({ alg }) => alg === 'ES256-TREE')).toBe(true);
});

it('a lone answer is signed alone', async () => {
  const found = await signatures(await registered(1, signedTogetherMediaType));
  expect(found).toMatchObject([{ alg: 'ES256' }]);
});
