import { randomUUIDv7 } from 'node:crypto';
import { createGroup, listEvents, listPeople, updateGroup } from '@estover/protocol';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type SeededAccount, startTestServer, type TestServer } from '../../testing/index.ts';
import { entraUser, patchOf, type ScimClient, scimClient } from './scim-client.ts';

/** What the client of the identity provider is called, as the actor of its events. */
export const clientName = 'account-administrator key';

interface ScimWorld {
  server: TestServer;
  account: SeededAccount;
  /** The account's mail domain. */
  domain: string;
  /** Secret of the client. */
  key: string;
}

/** A server for a file of tests, and for each test an account with a client that is its identity provider. */
export function useScim() {
  const world = {} as ScimWorld;
  let client: ScimClient;
  const scim: ScimClient = (...request) => client(...request);
  beforeAll(async () => {
    world.server = await startTestServer();
  });
  afterAll(() => world.server.close());
  beforeEach(async () => {
    const name = `north ${randomUUIDv7()}`;
    world.account = await world.server.account(name);
    world.domain = `${name.replace(' ', '-')}.example`;
    world.key = await world.server.keyOf(world.account.accountId, 'account-administrator');
    client = scimClient(world.server, world.account.accountId, world.key);
  });

  const mail = (name: string) => `${name}@${world.domain}`;
  const params = () => ({ accountId: world.account.accountId });
  const create = async (name: string, more = {}): Promise<string> =>
    (await scim('POST', '/Users', entraUser(mail(name), more))).body.id;
  const deactivate = (id: string) =>
    scim('PATCH', `/Users/${id}`, patchOf({ op: 'Replace', path: 'active', value: 'False' }));
  const activate = (id: string) =>
    scim('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: true } }));
  const makeGroup = async (name: string, more: object = {}, provisioned = true): Promise<string> => {
    const { group } = await world.account.administrator.call(createGroup, {
      params: params(),
      body: { name, role: 'viewer', scope: { kind: 'account' }, ...more },
    });
    if (provisioned) {
      await world.account.administrator.call(updateGroup, {
        params: { ...params(), groupId: group.groupId },
        body: { provisioned: true },
      });
    }
    return group.groupId;
  };
  const add = (groupId: string, ...ids: string[]) =>
    scim(
      'PATCH',
      `/Groups/${groupId}`,
      patchOf({ op: 'Add', path: 'members', value: ids.map((value) => ({ value })) }),
    );
  const membersIn = async (groupId: string): Promise<string[]> =>
    (await scim('GET', `/Groups/${groupId}`)).body.members.map((each: { display: string }) => each.display);
  const peopleNow = async () => {
    const { items } = await world.account.administrator.call(listPeople, { params: params() });
    return items.filter(({ email }) => email.endsWith(world.domain)).map(({ email }) => email);
  };
  /** What the identity provider did, the oldest first. */
  const events = async () => {
    const { items } = await world.account.administrator.call(listEvents, {
      params: params(),
      query: { limit: 200 },
    });
    return items
      .filter(({ operation }) => operation.includes('rovision'))
      .reverse()
      .map(({ operation, actor, message }) => `${actor.name} ${operation}: ${message}`);
  };
  return Object.assign(world, {
    scim,
    mail,
    params,
    create,
    deactivate,
    activate,
    makeGroup,
    add,
    membersIn,
    peopleNow,
    events,
  });
}
