import { randomUUIDv7 } from 'node:crypto';
import type { AccountRole, GrantScope, PlatformRole } from '@estover/domain/access';
import {
  acceptInvitation,
  addNotificationAddress,
  addToGroup,
  type Client,
  createApiKey,
  createDeliveryRule,
  createGroup,
  createOrder,
  createTagKey,
  createToken,
  createWebhook,
  getPool,
  grantRole,
  listAlerts,
  setSingleSignOn,
  testWebhook,
  transferLicenses,
} from '@estover/protocol';
import { insertRequest, newRequest } from '../../accounts/requests-store.ts';
import {
  createBrowser,
  deliver,
  type SeededAccount,
  type SeededCatalog,
  seedCatalog,
  type TestServer,
  useLicenses,
} from '../../testing/index.ts';
import { insertAccessRequest, waitingRequest } from '../access-requests-store.ts';
import { insertApiKey, newApiKeySecret } from '../api-keys-store.ts';
import { insertPasskey } from '../passkeys-store.ts';
import { insertIdentity } from '../single-sign-on/identities-store.ts';
import { provedDomain } from './company-sign-in.ts';
import { seedSupport, supportCallers } from './matrix-support.ts';

/** What the samples of the access matrix name: one virtual account with one of everything in it. */
export interface MatrixPlace {
  accountId: string;
  virtualAccountId: string;
  /** Another virtual account of the same account, which every scoped caller reaches too. */
  secondId: string;
  tokenId: string;
  instanceId: string;
  /** A product instance in the second one. */
  secondInstanceId: string;
  alertId: string;
  grantId: string;
  /** The person who has that grant, and is in the group. */
  personId: string;
  groupId: string;
  apiKeyId: string;
  lotId: string;
  /** A transfer from here to the second one. */
  movementId: string;
  /** An order that was delivered here. */
  orderNumber: string;
  /** A request for access to this virtual account, of a person who has none. */
  accessRequestId: string;
  /** A tag of the account, which nothing carries, and a value of it. */
  tagKeyId: string;
  tagValueId: string;
  /** A webhook of the account, and a test that waits to be sent to it. */
  webhookId: string;
  messageId: string;
  /** A request for a customer's account, as if it had been made from here. */
  customerRequestId: string;
  /** A delivery rule of the account that leads here. */
  deliveryRuleId: string;
  /** A proved mail domain of the account, and how its people sign in. */
  mailDomainId: string;
  /** A support access that was asked for, and one that is open. */
  askedAccessId: string;
  openAccessId: string;
  /** An address that the account added. */
  addressId: string;
}

/** Where a request points, seen from a caller who has a role in `own` and in `second`. */
export const places = ['own', 'nested', 'parent', 'sibling', 'foreign', 'smuggled'] as const;
export type PlaceName = (typeof places)[number];

export interface MatrixSetting {
  /** `smuggled` is the caller's account in the path, with ids of the foreign one. */
  places: Record<PlaceName, MatrixPlace>;
  catalog: SeededCatalog;
  sku: string;
  /** An order of the platform that is booked and not shipped. */
  bookedOrder: string;
}

const virtualAccountsIn = (
  parent: string,
  sibling: string,
): Record<Exclude<PlaceName, 'smuggled'>, string> => ({
  own: `${parent} / Own`,
  nested: `${parent} / Own / Nested`,
  parent,
  sibling: `${parent} / ${sibling}`,
  foreign: `${parent} / Own`,
});

/** Two accounts with everything in every place; what nobody of them was granted may have other names. */
export async function setTheScene(
  server: TestServer,
  txtRecords: Map<string, string[]>,
  { parent = 'Parent', sibling = 'Sibling' }: { parent?: string; sibling?: string } = {},
): Promise<
  MatrixSetting & {
    own: SeededAccount;
    foreign: SeededAccount;
    scopes: Record<'alone' | 'nested', GrantScope>;
  }
> {
  const catalog = await seedCatalog(server);
  const virtualAccountOf = virtualAccountsIn(parent, sibling);
  const tree = [virtualAccountOf.nested, virtualAccountOf.sibling, 'Second'];
  const own = await server.account('Own Company');
  const foreign = await server.account('Foreign Company');
  const ids = {
    own: await server.virtualAccounts(own, ...tree),
    foreign: await server.virtualAccounts(foreign, ...tree),
  };
  const furnished = async (name: Exclude<PlaceName, 'smuggled'>): Promise<MatrixPlace> => {
    const account = name === 'foreign' ? foreign : own;
    const known = name === 'foreign' ? ids.foreign : ids.own;
    return furnish(
      server,
      catalog,
      account,
      known[virtualAccountOf[name]] as string,
      known['Second'] as string,
      txtRecords,
      name === 'foreign' ? 'foreign-company.example' : 'own-company.example',
    );
  };
  const made = {
    own: await furnished('own'),
    nested: await furnished('nested'),
    parent: await furnished('parent'),
    sibling: await furnished('sibling'),
    foreign: await furnished('foreign'),
  };
  const { sku } = await deliver(server, own, { tag: catalog.security, quantity: 1 });
  const bookedOrder = 'BOOKED-1';
  await server.operator.call(createOrder, {
    body: {
      orderNumber: bookedOrder,
      buyer: 'Buyer',
      lines: [{ sku, quantity: 1, account: own.accountId, state: 'booked' }],
    },
  });
  const scope = (nested: boolean): GrantScope => ({
    kind: 'virtual-accounts',
    virtualAccounts: [made.own.virtualAccountId, made.own.secondId].map((virtualAccountId) => ({
      virtualAccountId,
      nested,
    })),
  });
  return {
    places: { ...made, smuggled: { ...made.foreign, accountId: own.accountId } },
    catalog,
    sku,
    bookedOrder,
    own,
    foreign,
    scopes: { alone: scope(false), nested: scope(true) },
  };
}

/** Puts one of everything into a virtual account. */
async function furnish(
  server: TestServer,
  catalog: SeededCatalog,
  { accountId, administrator }: SeededAccount,
  virtualAccountId: string,
  secondId: string,
  txtRecords: Map<string, string[]>,
  mailDomain: string,
): Promise<MatrixPlace> {
  const params = { accountId };
  const here = { virtualAccountId, nested: false };
  const scope: GrantScope = { kind: 'virtual-accounts', virtualAccounts: [here] };
  const { orderNumber } = await deliver(
    server,
    { accountId },
    { tag: catalog.security, quantity: 9, virtualAccount: virtualAccountId },
  );
  const { movement } = await administrator.call(transferLicenses, {
    params,
    body: {
      fromVirtualAccountId: virtualAccountId,
      toVirtualAccountId: secondId,
      lines: [{ tag: catalog.security, quantity: 1 }],
    },
  });
  // One that has nothing of what it uses makes an alert.
  const instanceId = await useLicenses(server, {
    accountId,
    virtualAccountId,
    counts: { [catalog.essentials]: 1 },
  });
  const secondInstanceId = await useLicenses(server, { accountId, virtualAccountId: secondId, counts: {} });
  const alerts = await administrator.call(listAlerts, { params, query: here });
  const pool = await administrator.call(getPool, {
    params: { accountId, tag: catalog.security },
    query: here,
  });
  const { token } = await administrator.call(createToken, {
    params: { accountId, virtualAccountId },
    body: {},
  });
  const email = `${randomUUIDv7()}@own.example`;
  const { grant, personId } = await administrator.call(grantRole, {
    params,
    body: { email, role: 'viewer', scope },
  });
  // What they hold counts once their address is proved.
  await server.db.updateTable('people').set({ email_verified: true }).where('id', '=', personId).execute();
  const { group } = await administrator.call(createGroup, {
    params,
    body: { name: `Group ${email}`, role: 'viewer', scope },
  });
  await administrator.call(addToGroup, {
    params: { accountId, groupId: group.groupId },
    body: { people: [{ email }] },
  });
  const { apiKey } = await administrator.call(createApiKey, {
    params,
    body: { name: 'Key', role: 'viewer', scope },
  });
  const { tagKey } = await administrator.call(createTagKey, {
    params,
    body: { name: `Tag ${randomUUIDv7()}`, values: ['A', 'B'] },
  });
  const { address } = await administrator.call(addNotificationAddress, {
    params,
    body: {
      email: `${virtualAccountId}@${mailDomain}`,
      choices: [{ kind: 'orders', cadence: 'daily' }],
    },
  });
  const { webhook } = await administrator.call(createWebhook, {
    params,
    body: { description: 'SIEM', url: 'https://siem.example.com/' },
  });
  const { webhookId } = webhook;
  const { delivery } = await administrator.call(testWebhook, { params: { accountId, webhookId } });
  // One that has failed can be sent again.
  await server.db
    .updateTable('webhook_deliveries')
    .set({ state: 'failed', next_try_at: null })
    .where('message_id', '=', delivery.messageId)
    .execute();
  const request = newRequest(
    { newId: () => randomUUIDv7(), now: server.clock.now() },
    {
      kind: 'customer',
      companyName: 'Customer',
      domainIdentifier: 'customer.example',
      hasPrefix: false,
      justification: '',
      requesterName: 'Pat',
      requesterEmail: 'pat@own.example',
      approverEmail: 'a@customer.example',
      purpose: 'customer',
      originAccountId: accountId,
    },
  );
  await server.db.transaction().execute((trx) => insertRequest(trx, request));
  const { deliveryRule } = await administrator.call(createDeliveryRule, {
    params,
    body: { sku: `RULE-${randomUUIDv7()}`, virtualAccountId },
  });
  const mailDomainId = await provedDomain(
    { accountId, administrator },
    txtRecords,
    `${randomUUIDv7()}.example`,
  );
  await administrator.call(setSingleSignOn, {
    params: { accountId, mailDomainId },
    body: { protocol: 'oidc', issuer: 'https://idp.example', clientId: 'estover', clientSecret: 'secret' },
  });
  return {
    accountId,
    virtualAccountId,
    secondId,
    tokenId: token.tokenId,
    instanceId,
    secondInstanceId,
    alertId: alerts.items[0]?.alertId as string,
    grantId: grant.grantId,
    personId,
    groupId: group.groupId,
    apiKeyId: apiKey.apiKeyId,
    lotId: pool.lots[0]?.lotId as string,
    movementId: movement.movementId,
    orderNumber,
    accessRequestId: await makeAccessRequest(server, { accountId, virtualAccountId, personId }),
    tagKeyId: tagKey.tagKeyId,
    tagValueId: tagKey.values[0]?.tagValueId as string,
    webhookId,
    messageId: delivery.messageId,
    customerRequestId: request.requestId,
    deliveryRuleId: deliveryRule.ruleId,
    mailDomainId,
    askedAccessId: await seedSupport(server, accountId, { state: 'asked' }),
    openAccessId: await seedSupport(server, accountId, { state: 'open' }),
    addressId: address.addressId,
  };
}

/** A request for access that was brought to an account, or to none. */
async function makeAccessRequest(
  server: TestServer,
  where: { accountId: string | null; virtualAccountId: string | null; personId: string },
): Promise<string> {
  const requestId = randomUUIDv7();
  const asked = {
    requestId,
    identifier: 'asked.example',
    role: 'viewer',
    place: 'Asked',
    reason: 'Work',
  } as const;
  await server.db
    .transaction()
    .execute((trx) =>
      insertAccessRequest(trx, { ...waitingRequest({ ...asked, ...where }, server.clock.now()), ...where }),
    );
  return requestId;
}

/** A caller of the matrix, and what to call it there. */
export interface MatrixCaller {
  name: string;
  client: Client;
}

/** Every kind of caller: the six roles at each level they exist at, the platform's staff, nobody, and a stranger. */
export async function allCallers(
  server: TestServer,
  address: string,
  { own, foreign, scopes }: Awaited<ReturnType<typeof setTheScene>>,
  clientOf: (apiKey?: string) => Client,
): Promise<MatrixCaller[]> {
  const inAccount = async (name: string, role: AccountRole, scope: GrantScope): Promise<MatrixCaller> => ({
    name,
    client: clientOf(await server.keyOf(own.accountId, role, scope)),
  });
  const staff = async (role: PlatformRole): Promise<MatrixCaller> => {
    const secret = newApiKeySecret(null);
    await server.db.transaction().execute((trx) =>
      insertApiKey(trx, {
        apiKeyId: randomUUIDv7(),
        accountId: null,
        name: role,
        role,
        scope: null,
        secret,
        createdBy: 'test',
        createdAt: server.clock.now(),
        expiresAt: null,
      }),
    );
    return { name: role, client: clientOf(secret) };
  };
  const whole: GrantScope = { kind: 'account' };
  return [
    await inAccount('approver', 'approver', whole),
    await inAccount('account administrator', 'account-administrator', whole),
    await inAccount('account user', 'account-user', whole),
    await inAccount('viewer', 'viewer', whole),
    await inAccount('VA administrator, alone', 'virtual-account-administrator', scopes.alone),
    await inAccount('VA administrator, nested', 'virtual-account-administrator', scopes.nested),
    await inAccount('VA user, alone', 'virtual-account-user', scopes.alone),
    await inAccount('VA user, nested', 'virtual-account-user', scopes.nested),
    await inAccount('VA viewer, alone', 'viewer', scopes.alone),
    await inAccount('VA viewer, nested', 'viewer', scopes.nested),
    await staff('operator'),
    await staff('order-desk'),
    await staff('legal-reviewer'),
    await staff('support'),
    ...(await supportCallers(server, address, own.accountId)),
    { name: 'stranger', client: await signedInStranger(server, address, foreign) },
    { name: 'nobody', client: clientOf() },
  ];
}

/** What only a person has: a session, a passkey, a request for access, and who they are at their company. */
export interface OwnOfStranger {
  personId: string;
  email: string;
  sessionId: string;
  passkeyId: string;
  accessRequestId: string;
  identityId: string;
}

/** The stranger's session, and a passkey that is made for them. */
export async function ownOfStranger(server: TestServer): Promise<OwnOfStranger> {
  const { sessionId, personId } = await server.db
    .selectFrom('sessions')
    .innerJoin('people', 'people.id', 'sessions.person_id')
    .select(['sessions.id as sessionId', 'people.id as personId'])
    .where('email', '=', strangersEmail)
    .executeTakeFirstOrThrow();
  const passkeyId = randomUUIDv7();
  await server.db.transaction().execute((trx) =>
    insertPasskey(trx, {
      passkeyId,
      personId,
      name: 'Key',
      credentialId: passkeyId,
      publicKey: Buffer.alloc(1),
      counter: 0,
      transports: [],
      now: server.clock.now(),
    }),
  );
  const nowhere = { accountId: null, virtualAccountId: null };
  const accessRequestId = await makeAccessRequest(server, { ...nowhere, personId });
  const identityId = randomUUIDv7();
  const domain = await server.db
    .selectFrom('mail_domains')
    .select(['account_id as accountId', 'mail_domain_id as mailDomainId'])
    .executeTakeFirstOrThrow();
  await server.db
    .transaction()
    .execute((trx) =>
      insertIdentity(
        trx,
        { ...domain, issuer: 'https://idp.example', subject: 'stranger' },
        { identityId, personId, at: server.clock.now() },
      ),
    );
  return { personId, email: strangersEmail, sessionId, passkeyId, accessRequestId, identityId };
}

export const strangersEmail = 'stranger@foreign.example';

/** A person with a session and every right, in another account. */
export async function signedInStranger(
  server: TestServer,
  address: string,
  foreign: SeededAccount,
): Promise<Client> {
  const email = strangersEmail;
  const password = 'correct horse battery';
  // Two, so that one may leave.
  for (const each of [email, 'colleague@foreign.example']) {
    const { invitationLink } = await foreign.administrator.call(grantRole, {
      params: { accountId: foreign.accountId },
      body: { email: each, role: 'account-administrator', scope: { kind: 'account' } },
    });
    await server.client().call(acceptInvitation, {
      body: { token: invitationLink as string, name: 'Stranger', password },
    });
  }
  const browser = createBrowser(address);
  await browser.post('/auth/sign-in/email', { email, password });
  return browser.client;
}
