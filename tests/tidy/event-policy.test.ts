import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { accountEventPolicy, decidingKinds, platformEventPolicy } from '@estover/domain/access';
import { operations } from '@estover/protocol';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

const ofAccount = accountEventPolicy.flatMap((shown) => shown.operations);
const ofPlatform = platformEventPolicy.flatMap((shown) => shown.operations);

/** Operations of the API that change something, and so write an event. */
const commands = [...operations.values()].filter(({ method }) => method !== 'GET');
/** Those that only look something up, because what they are asked is too long or too secret for an address. */
const looksAlone = ['checkAccountRequest', 'openAccountRequest', 'openOrderContact'];

/** What else writes events: jobs, product instances, sign-in and identity providers name it where they write. */
const written = globSync('packages/server/src/**/*.ts', { cwd: root })
  .filter((path) => !path.endsWith('.test.ts') && !path.includes('/testing/'))
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .flatMap((text) => [
    ...text.matchAll(/\boperation: (?:[^\n,{}]*\? )?'([a-z]\w+)'(?: : '([a-z]\w+)')?/g),
    ...text.matchAll(/\b(?:eventOf|recordCommandEvent)\(context, '([a-z]\w+)'/g),
  ])
  .flatMap(([, one, other]) => [one, other])
  .filter((name): name is string => name !== undefined);

it('says of every operation that writes events who sees them', () => {
  const known = new Set([...ofAccount, ...ofPlatform]);
  const named = [...commands.map(({ name }) => name), ...written];
  expect([...new Set(named)].filter((name) => !known.has(name))).toEqual(looksAlone);
});

it('says of what is done in an account who of its people sees it', () => {
  const inAccounts = commands.filter(({ permission }) => permission.at === 'account').map(({ name }) => name);
  // What is new is noted as seen by a person for themselves, whatever the account.
  expect(inAccounts.filter((name) => !ofAccount.includes(name))).toEqual(['markNewsSeen']);
});

it('names each operation once for each of the two, and none that is not there', () => {
  for (const names of [ofAccount, ofPlatform]) {
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  }
  const there = new Set([...commands.map(({ name }) => name), ...written, 'removePerson']);
  expect([...ofAccount, ...ofPlatform].filter((name) => !there.has(name))).toEqual([]);
  expect([...decidingKinds].sort()).toEqual(['notification-address', 'order', 'support-access', 'token']);
});

it('takes no less than the action of the operation’s own list', () => {
  const actionOf = (name: string) =>
    accountEventPolicy.find((shown) => shown.operations.includes(name))?.action;
  // Pairs of what changes something, and the list that shows it.
  const lists = {
    grantRole: 'listPeople',
    createGroup: 'listGroups',
    createApiKey: 'listApiKeys',
    createWebhook: 'listWebhooks',
    addNotificationAddress: 'listNotificationAddresses',
    addMailDomain: 'listMailDomains',
    createToken: 'listTokens',
    transferLicenses: 'listMovements',
    transferProductInstance: 'listProductInstances',
    approveAccessRequest: 'listAccessRequests',
    keepAccess: 'listAccessReview',
    requestAccountForCustomer: 'listCustomerRequests',
    acceptAgreement: 'getAgreements',
    approveSupportAccess: 'listAccountSupport',
  };
  const actions = Object.entries(lists).map(([name, list]) => {
    const permission = operations.get(list)?.permission;
    return [name, actionOf(name), permission?.at === 'account' ? permission.action : null];
  });
  expect(actions.filter(([, taken, needed]) => taken !== needed)).toEqual([]);
});
