import type { PlatformRole } from '@estover/domain/access';
import { makePersonWithPassword } from '../../access/testing/person-with-password.ts';
import { password } from '../../access/testing/signed-in-person.ts';
import { createBrowser, type TestBrowser, type TestServer } from '../../testing/index.ts';

export interface StaffMember {
  personId: string;
  email: string;
  name: string;
  browser: TestBrowser;
}

/** Somebody with a platform role and a session, made without the API. */
export async function makeStaff(
  server: TestServer,
  role: PlatformRole,
  name: string,
  more: { until?: Temporal.Instant; address?: string } = {},
): Promise<StaffMember> {
  const { personId, email } = await makePersonWithPassword(server, password);
  await server.db.updateTable('people').set({ name }).where('id', '=', personId).execute();
  await server.db
    .insertInto('platform_grants')
    .values({
      person_id: personId,
      role,
      granted_at: server.clock.now(),
      granted_by: 'test',
      until: more.until ?? null,
    })
    .execute();
  return { personId, email, name, browser: await signInAs(more.address ?? server.address, email) };
}

/** A browser in which somebody has signed in just now. */
export async function signInAs(address: string, email: string): Promise<TestBrowser> {
  const browser = createBrowser(address);
  const answer = await browser.post('/auth/sign-in/email', { email, password });
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`);
  return browser;
}

/** Somebody with a role in an account and a session; another one who proves who they are anew by signing in again. */
export async function makeMember(
  server: TestServer,
  accountId: string,
  role: 'account-administrator' | 'viewer' = 'account-administrator',
): Promise<StaffMember> {
  const { personId, email } = await makePersonWithPassword(server, password);
  await server.db
    .insertInto('grants')
    .values({
      account_id: accountId,
      grant_id: crypto.randomUUID(),
      person_id: personId,
      role,
      scope_kind: 'account',
      until: null,
      granted_by: 'test',
      granted_at: server.clock.now(),
    })
    .execute();
  return { personId, email, name: 'Ana Ruiz', browser: await signInAs(server.address, email) };
}

/** The events of an account or the platform about some kind of object, the oldest first: who, what, in words. */
export async function eventsOfKind(
  server: TestServer,
  objectKind: string,
  accountId?: string,
): Promise<[string, string, string][]> {
  let query = server.db
    .selectFrom('events')
    .select(['actor_name as who', 'operation', 'message'])
    .where('object_kind', '=', objectKind)
    .orderBy('event_id');
  if (accountId !== undefined) query = query.where('account_id', '=', accountId);
  return (await query.execute()).map(({ who, operation, message }) => [who, operation, message]);
}
