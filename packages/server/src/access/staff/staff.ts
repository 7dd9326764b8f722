import { judgeStaffChange, type PlatformGrant, type PlatformRole } from '@estover/domain/access';
import { endStaff, inviteStaff, updateStaff, updateStaffSettings } from '@estover/protocol';
import type { Context } from '../../edge/context.ts';
import { command, type Handler } from '../../edge/operation.ts';
import { notFound, Refused } from '../../edge/refused.ts';
import { requireFuture } from '../granting.ts';
import { requireRecentProof } from '../own-session.ts';
import { ensurePerson } from '../people-store.ts';
import { lockOperators } from '../person-end-store.ts';
import {
  findStaff,
  platformGrantsOf,
  readStaffSettings,
  replacePlatformGrants,
  type StoredPlatformGrant,
  saveStaffSettings,
} from './staff-store.ts';
import { staffAnswer } from './staff-view.ts';
import { tellStaff } from './tell-staff.ts';

/** What the caller holds on the platform, with its ends: a key is as long as it lives. */
async function ownGrants({ trx, actor, now }: Context): Promise<PlatformGrant[]> {
  if (actor.kind === 'person') return platformGrantsOf(trx, actor.id, now);
  if (actor.kind !== 'api-key') return [];
  const key = await trx
    .selectFrom('api_keys')
    .select('expires_at as until')
    .where('api_key_id', '=', actor.id)
    .executeTakeFirst();
  return key === undefined ? [] : actor.platformRoles.map((role) => ({ role, until: key.until }));
}

/** The platform roles somebody has, for a change: changes of staff come one after the other. */
async function lockStaff(context: Context): Promise<{
  judge(person: { personId: string; email: string }, before: PlatformGrant[], after: PlatformGrant[]): void;
}> {
  const { trx, now, actor } = context;
  const operators = await lockOperators(trx, now);
  const own = await ownGrants(context);
  return {
    judge({ personId, email }, before, after) {
      const change = { actorId: actor.id ?? '', personId, own, before, after, operators };
      const judged = judgeStaffChange(change, now);
      if (judged.ok) return;
      const details = {
        'own-role': 'These are your own platform roles.',
        'grant-exceeds-own': `The platform role ${'role' in judged ? judged.role : ''}, with this end, is more than you hold yourself.`,
        'last-operator': `${email} is the last operator without an end who can sign in.`,
      };
      throw new Refused(judged.code, details[judged.code]);
    },
  };
}

const inWords = (grants: readonly PlatformGrant[]): string =>
  grants.length === 0
    ? 'no platform role'
    : grants.map(({ role, until }) => `${role}${until === null ? '' : ` until ${until}`}`).join(', ');

const facts = (grants: readonly PlatformGrant[]) => ({
  roles: grants.map(({ role, until }) => ({ role, until: until?.toString() ?? null })),
});

/** What is asked for, as it is kept: what somebody had like this stays as it was given. */
function storedOf(
  { actor, now }: Context,
  before: readonly StoredPlatformGrant[],
  wanted: readonly { role: PlatformRole; until: string | null }[],
): StoredPlatformGrant[] {
  return wanted.map(({ role, until: text }) => {
    const until = text === null ? null : Temporal.Instant.from(text);
    const same = before.find((each) => each.role === role && String(each.until) === String(until));
    if (same === undefined) requireFuture(until, now);
    return same ?? { role, until, grantedBy: actor.name, grantedAt: now };
  });
}

async function requireStaff({ trx, now }: Context, personId: string) {
  const found = await findStaff(trx, personId, now);
  if (found === undefined) throw notFound('person among the staff');
  return { found, before: await platformGrantsOf(trx, personId, now) };
}

export const staffHandlers: readonly Handler[] = [
  command(inviteStaff, async (context, { body }) => {
    const { trx, now, newId } = context;
    requireRecentProof(context);
    const { judge } = await lockStaff(context);
    const after = storedOf(context, [], [body]);
    const person = await ensurePerson(trx, {
      personId: newId(),
      name: body.name ?? body.email,
      email: body.email,
      now,
    });
    const before = await platformGrantsOf(trx, person.personId, now);
    judge(person, before, [...before, ...after]);
    if (before.length > 0) {
      throw new Refused('staff-already', `${person.email} is staff with ${inWords(before)}.`);
    }
    await replacePlatformGrants(trx, person.personId, after);
    const told = await tellStaff(context, person, { role: body.role, end: body.until });
    const row = await findStaff(trx, person.personId, now);
    if (row === undefined) throw new Error('who was just made staff is staff');
    return {
      answer: { person: staffAnswer(row, after), ...told },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: person.personId,
        message: `made ${person.email} staff with ${inWords(after)}`,
        after: { email: person.email, ...facts(after) },
      },
    };
  }),

  command(updateStaff, async (context, { params: { personId }, body }) => {
    requireRecentProof(context);
    const { judge } = await lockStaff(context);
    const { found, before } = await requireStaff(context, personId);
    const after = storedOf(context, before, body.roles);
    judge(found, before, after);
    await replacePlatformGrants(context.trx, personId, after);
    return {
      answer: { person: staffAnswer(found, after) },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: personId,
        message: `changed what ${found.email} is on the platform from ${inWords(before)} to ${inWords(after)}`,
        before: facts(before),
        after: { email: found.email, ...facts(after) },
      },
    };
  }),

  command(endStaff, async (context, { params: { personId } }) => {
    requireRecentProof(context);
    const { judge } = await lockStaff(context);
    const { found, before } = await requireStaff(context, personId);
    judge(found, before, []);
    await replacePlatformGrants(context.trx, personId, []);
    return {
      answer: { personId },
      event: {
        accountId: null,
        objectKind: 'person',
        objectId: personId,
        message: `took all platform roles from ${found.email}: ${inWords(before)}`,
        before: { email: found.email, ...facts(before) },
        after: facts([]),
      },
    };
  }),

  command(updateStaffSettings, async (context, { body }) => {
    const { trx } = context;
    requireRecentProof(context);
    const before = await readStaffSettings(trx);
    const settings = {
      secondFactorRequired: body.secondFactorRequired ?? before.secondFactorRequired,
      supportMostMinutes: body.supportMostMinutes ?? before.supportMostMinutes,
    };
    await saveStaffSettings(trx, settings);
    return {
      answer: { settings },
      event: {
        accountId: null,
        objectKind: 'staff-settings',
        objectId: 'staff',
        message: `set that staff ${settings.secondFactorRequired ? 'needs' : 'does not need'} a second factor, and that a support access lasts at most ${settings.supportMostMinutes} minutes`,
        before,
        after: settings,
      },
    };
  }),
];
