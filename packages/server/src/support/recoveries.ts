import { createHash, randomBytes } from 'node:crypto';
import { platformAllows } from '@estover/domain/access';
import { isAddressOfAccount, recoveryHours } from '@estover/domain/support';
import {
  approveRecovery,
  askRecovery,
  type BodyOf,
  cancelRecovery,
  declineRecovery,
} from '@estover/protocol';
import {
  administratorsOf,
  findPerson,
  findPersonByEmail,
  giveRole,
  mayRestore,
  platformGrantsOf,
  requirePerson,
  requireRecentProof,
  secondFactorAndKeysOf,
} from '../access/index.ts';
import { lockAccount } from '../access/scope.ts';
import type { Actor, Context } from '../edge/context.ts';
import { command, type Handler } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { queueMail } from '../notifications/index.ts';
import {
  insertRecovery,
  isRecoveryLiving,
  lockRecovery,
  lockRecoveryBySecret,
  type RecoveryRow,
  saveRecoveryState,
} from './recoveries-store.ts';
import { recoveryAnswer, recoveryAs, recoveryEvent } from './recovery-answer.ts';

type Asked = BodyOf<typeof askRecovery>;

/**
 * Takes the account that is to get an administrator, if it has none who can sign in, and the address is the company's own.
 *
 * @throws Refused `not-found`, `address-not-of-account`, `recovery-not-needed`
 */
async function requireWithoutAdministrator(
  { trx, now }: Context,
  { accountId, email }: { accountId: string; email: string },
): Promise<{ accountId: string; name: string }> {
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const account = await trx
    .selectFrom('accounts')
    .select(['name', 'domain_identifier as domainIdentifier'])
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  if (!isAddressOfAccount(email, account.domainIdentifier)) {
    throw new Refused(
      'address-not-of-account',
      `The account is known by ${account.domainIdentifier}, and ${email} is not there.`,
    );
  }
  const administrators = await administratorsOf(trx, accountId, now);
  if (administrators.some(({ canSignIn }) => canSignIn)) {
    throw new Refused('recovery-not-needed', 'The account has an administrator who can sign in.');
  }
  return { accountId, name: account.name };
}

/** The person whose second factors are to end. */
async function requireWithSecondFactors(
  context: Context,
  email: string,
): Promise<{ personId: string; email: string }> {
  const person = await findPersonByEmail(context.trx, email);
  if (person === undefined) throw notFound('person');
  const { codesSince, passkeys } = await secondFactorAndKeysOf(context, person.personId);
  if (codesSince === null && passkeys.length === 0) {
    throw new Refused('recovery-not-needed', `${person.email} has no codes and no passkeys.`);
  }
  return person;
}

async function subjectOf(
  context: Context,
  body: Asked,
): Promise<Pick<RecoveryRow, 'accountId' | 'accountName' | 'personId' | 'email'>> {
  if (body.accountId !== undefined) {
    const wanted = { accountId: body.accountId, email: body.email };
    const { accountId, name } = await requireWithoutAdministrator(context, wanted);
    return { accountId, accountName: name, personId: null, email: body.email };
  }
  const { personId, email } = await requireWithSecondFactors(context, body.email);
  return { accountId: null, accountName: null, personId, email };
}

async function requireRecovery({ trx }: Context, recoveryId: string): Promise<RecoveryRow> {
  const found = await lockRecovery(trx, recoveryId);
  if (found === undefined) throw notFound('recovery');
  return found;
}

/** Neither of the two does it for themselves: not for their own sign-in, and not to come into an account. */
function requireNotOwn(id: string, email: string, subject: Pick<RecoveryRow, 'personId' | 'email'>): void {
  if (subject.personId !== id && subject.email !== email) return;
  throw new Refused('own-request', 'Two other operators do this for you.');
}

/** Two operators open the way back: whoever asked has to be one of them still, or only one would. */
async function requireAskerStays(
  { trx, now }: Context,
  { askedByPerson, askedByName }: RecoveryRow,
): Promise<void> {
  const roles = (await platformGrantsOf(trx, askedByPerson, now)).map(({ role }) => role);
  if (platformAllows(roles, 'recover-access')) return;
  throw new Refused(
    'recovery-asker-gone',
    `${askedByName} asked for this recovery, and is no operator any more.`,
  );
}

const hashOf = (token: string): Buffer =>
  createHash('sha256')
    .update(token.slice(token.indexOf('#') + 1).trim())
    .digest();

const inWords = ({ kind, email }: Pick<RecoveryRow, 'kind' | 'email'>): string =>
  kind === 'administrator'
    ? `make ${email} administrator of the account`
    : `remove the second factors of ${email}`;

export const recoveryHandlers: readonly Handler[] = [
  command(askRecovery, async (context, { body }) => {
    const { trx, now, newId } = context;
    const { id, name, email } = requirePerson(context);
    requireRecentProof(context);
    const subject = await subjectOf(context, body);
    requireNotOwn(id, email, subject);
    if (await isRecoveryLiving(trx, subject, now)) {
      throw new Refused('recovery-state', 'The same was asked for already, and is not over yet.');
    }
    const row: RecoveryRow = {
      recoveryId: newId(),
      kind: body.kind,
      ...subject,
      reason: body.reason,
      state: 'asked',
      askedByPerson: id,
      askedByName: name,
      askedAt: now,
      decidedByPerson: null,
      deciderName: null,
      endsAt: now.add({ hours: recoveryHours.answer }),
      endedAt: null,
    };
    await insertRecovery(trx, row);
    return {
      answer: { recovery: recoveryAnswer(row, now) },
      event: recoveryEvent(null, row, `asked another operator to ${inWords(row)}: ${row.reason}`),
    };
  }),

  command(approveRecovery, async (context, { params }) => {
    const { now } = context;
    const { id, name, email } = requirePerson(context);
    requireRecentProof(context);
    const seen = await requireRecovery(context, params.recoveryId);
    if (seen.askedByPerson === id) throw new Refused('own-request', 'You asked for this recovery yourself.');
    requireNotOwn(id, email, seen);
    const by = { decidedByPerson: id, deciderName: name };
    const next =
      seen.kind === 'administrator'
        ? ({ state: 'done', ...by } as const)
        : ({ state: 'waiting', endsAt: now.add({ hours: recoveryHours.wait }), ...by } as const);
    const after = recoveryAs(seen, next, now);
    await requireAskerStays(context, seen);
    return seen.kind === 'administrator'
      ? makeAdministrator(context, seen, after)
      : letWait(context, seen, after);
  }),

  command(declineRecovery, async (context, { params }) => {
    const { trx, now, actor } = context;
    const before = await requireRecovery(context, params.recoveryId);
    const by = actor.kind === 'person' ? { decidedByPerson: actor.id, deciderName: actor.name } : {};
    const after = recoveryAs(before, { state: 'declined', ...by }, now);
    await saveRecoveryState(trx, after);
    return {
      answer: { recovery: recoveryAnswer(after, now) },
      event: recoveryEvent(before, after, `declined to ${inWords(after)}`),
    };
  }),

  command(
    cancelRecovery,
    async (context, { body }) => {
      const { trx, now } = context;
      const before = await lockRecoveryBySecret(trx, hashOf(body.token));
      if (before === undefined || before.state !== 'waiting' || before.personId === null) {
        throw new Refused('link-invalid', 'Nothing waits that this link could stop.');
      }
      const after = recoveryAs(before, { state: 'cancelled' }, now);
      await saveRecoveryState(trx, after);
      const { personId: id, email } = before;
      const name = (await findPerson(trx, id))?.name ?? email;
      const actor: Actor = { kind: 'person', id, name, email, platformRoles: [] };
      return {
        answer: { email },
        event: {
          ...recoveryEvent(before, after, `kept their second factors, with the link of a mail`),
          actor,
        },
      };
    },
    [{ burst: 20, refillSeconds: 30, keysOf: (_, from) => [from] }],
  ),
];

/** Gives the role at once; the mail with the link goes to the company's own address. */
async function makeAdministrator(context: Context, before: RecoveryRow, after: RecoveryRow) {
  const { accountId, email } = after;
  if (accountId === null) throw new Error('the account of a recovery is kept with it');
  const account = await requireWithoutAdministrator(context, { accountId, email });
  const role = {
    email,
    name: email,
    role: 'account-administrator',
    scope: { kind: 'account' },
    until: null,
  } as const;
  const { told } = await giveRole(context, account, role, mayRestore(context, accountId));
  await saveRecoveryState(context.trx, after);
  return {
    answer: { recovery: recoveryAnswer(after, context.now), ...told },
    event: recoveryEvent(
      before,
      after,
      `made ${email} administrator of the account, which had none, as ${after.askedByName} had asked: ${after.reason}`,
    ),
  };
}

/** The person hears of it, and has a day to stop it. */
async function letWait(context: Context, before: RecoveryRow, after: RecoveryRow) {
  const { trx, now, installation } = context;
  const secret = randomBytes(20).toString('base64url');
  await saveRecoveryState(trx, after, hashOf(secret));
  const content = {
    kind: 'recovery-waits',
    until: after.endsAt?.toString() ?? '',
    link: `${installation.publicUrl}/keep-second-factors#${secret}`,
  } as const;
  await queueMail(context, { to: after.email, accountId: null, content });
  return {
    answer: {
      recovery: recoveryAnswer(after, now),
      invitationLink: null,
      mailed: context.mailer.isConfigured,
    },
    event: recoveryEvent(
      before,
      after,
      `approved to ${inWords(after)} at ${after.endsAt}, as ${after.askedByName} had asked: ${after.reason}`,
    ),
  };
}
