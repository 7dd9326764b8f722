import {
  beginViewAs,
  type CallInput,
  type Client,
  createAccount,
  createClient,
  type Operation,
  type Problem,
  ProblemError,
  suspendAccount,
  upgradeAccount,
} from '@estover/protocol';
import type { MatrixPlace } from '../../access/testing/matrix-places.ts';
import type { Sample } from '../../access/testing/matrix-samples.ts';
import type { MatrixWorld } from '../../access/testing/matrix-world.ts';
import { administratorOf } from '../../accounts/testing/administrator.ts';
import { makeMember, signInAs } from '../../support/testing/staff.ts';
import { createBrowser } from '../../testing/index.ts';

/** A request, and who sends it. */
export interface Sent {
  /** The caller's name in the matrix. */
  caller: string;
  client: Client;
  sample: Sample;
}

/** Sends a request; answers the problem it is refused with, and null where it is not refused. */
export async function problemOf(
  operation: Operation,
  { client, sample }: Pick<Sent, 'client' | 'sample'>,
  more: { dryRun?: boolean } = {},
): Promise<Problem | null> {
  try {
    await client.call(operation, { ...sample, ...more } as CallInput<Operation>);
    return null;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
}

/** Who may do most, by where an operation asks for its right, so that most samples succeed at once. */
const likely: Record<Operation['permission']['at'], readonly string[]> = {
  public: ['nobody', 'account administrator'],
  'signed-in': ['stranger'],
  platform: ['operator', 'operator, signed in'],
  account: ['account administrator', 'stranger'],
};

/** A sample from every caller at every place where somebody may succeed, the likely callers first. */
export function* waysOf(
  { callers, scene }: MatrixWorld,
  { permission }: Operation,
  sample: (place: MatrixPlace) => Sample,
): Generator<Sent> {
  const first = likely[permission.at];
  const rank = (name: string) => (first.includes(name) ? first.indexOf(name) : first.length);
  for (const { name, client } of callers.toSorted((one, other) => rank(one.name) - rank(other.name))) {
    for (const place of ['own', 'foreign'] as const) {
      yield { caller: name, client, sample: sample(scene.places[place]) };
    }
  }
}

/** Requests in place of those that a full, active customer account refuses to everybody, by operation. */
export async function makeFittingRequests({ server, baseUrl }: MatrixWorld): Promise<Record<string, Sent>> {
  const withKey = (apiKey: string) => createClient({ baseUrl, apiKey });
  const operator = { caller: 'operator', client: withKey(server.operatorKey) };
  const make = async (kind: 'customer' | 'holding', name: string) => {
    const domainIdentifier = `${name.toLowerCase()}.example`;
    const { account } = await server.operator.call(createAccount, {
      body: { kind, name, domainIdentifier, administrator: { name: 'A', email: `a@${domainIdentifier}` } },
    });
    return account.accountId;
  };
  const administrator = async (accountId: string) => ({
    caller: 'account administrator',
    client: withKey(await server.keyOf(accountId, 'account-administrator')),
  });

  const emptyId = await make('customer', 'Empty');
  const toClose: Sample = { params: { accountId: emptyId }, body: { reason: 'x' } };
  const suspendedId = await make('customer', 'Suspended');
  await server.operator.call(suspendAccount, { params: { accountId: suspendedId }, body: { reason: 'x' } });
  const holdingId = await make('holding', 'Holding');
  const partner = await administratorOf(server, [holdingId]);
  const makeShop = async (name: string) => {
    const accountId = await make('customer', name);
    await server.db
      .updateTable('accounts')
      .set({ kind: 'limited-use', domain_identifier: `${name.toLowerCase()}@gmail.com` })
      .where('account_id', '=', accountId)
      .execute();
    const keeper = await administratorOf(server, [accountId], `a@${name.toLowerCase()}-works.example`);
    return { accountId, keeper, client: (await signInAs(baseUrl, keeper.email)).client };
  };
  const shop = await makeShop('Shop');
  const waiting = await makeShop('Waiting');
  await waiting.keeper.client.call(upgradeAccount, {
    params: { accountId: waiting.accountId },
    body: { prefix: 'lab', justification: 'Its own books' },
  });
  const seenId = await make('customer', 'Seen');
  const looking = await makeMember(server, seenId);
  const { personId } = await makeMember(server, seenId, 'viewer');
  await looking.browser.client.call(beginViewAs, { params: { accountId: seenId, personId } });
  const lookingThere = createBrowser(baseUrl);
  lookingThere.setCookies(looking.browser.cookies());
  return {
    closeAccount: { ...(await administrator(emptyId)), sample: toClose },
    closeAccountAsOperator: { ...operator, sample: toClose },
    reactivateAccount: { ...operator, sample: { params: { accountId: suspendedId } } },
    requestAccountForCustomer: {
      caller: 'administrator with a session',
      client: (await signInAs(baseUrl, partner.email)).client,
      sample: {
        params: { accountId: holdingId },
        body: { companyName: 'Asked', mailDomain: 'asked.example', approverEmail: 'b@asked.example' },
      },
    },
    upgradeAccount: {
      caller: 'administrator with a session',
      client: shop.client,
      sample: { params: { accountId: shop.accountId }, body: {} },
    },
    withdrawUpgrade: {
      caller: 'administrator with a session',
      client: waiting.client,
      sample: { params: { accountId: waiting.accountId } },
    },
    endViewAs: {
      caller: 'administrator who looks as another one',
      client: lookingThere.client,
      sample: {},
    },
  };
}
