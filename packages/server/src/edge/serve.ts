import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type AccountAction, type Grant, platformAllows, reachOf, sellerOf } from '@estover/domain/access';
import type { Operation } from '@estover/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BreachedPasswords } from '../access/breached-passwords.ts';
import { recordCommandEvent } from '../audit/record-event.ts';
import type { Database, Trx } from '../database/database.ts';
import {
  givenUpMessage,
  inTransaction,
  isDatabaseAway,
  isGivenUp,
  rolledBack,
  sqlStateOf,
} from '../database/transaction.ts';
import type { Installation } from '../installation/index.ts';
import type { Mailer } from '../notifications/index.ts';
import { mayBeSupport, noteSupportRead } from '../support/index.ts';
import type { WebhookSender } from '../webhooks/index.ts';
import { requireChangeable } from './account-standing.ts';
import { answerHeaders } from './answer-headers.ts';
import { createAttemptLimiter, requireTry } from './attempt-limiter.ts';
import type { Actor, Context } from './context.ts';
import { withoutHiddenNames } from './hidden-names.ts';
import { once } from './idempotency.ts';
import type { CallBound, FileAnswer, FileView, Handler, Input } from './operation.ts';
import { createPlaces } from './places.ts';
import { notFound, Refused } from './refused.ts';
import { validate } from './validate.ts';

/** What the wrapper needs to know who asks: the access capability gives it. */
export interface Authentication {
  authenticate(request: FastifyRequest, now: Temporal.Instant): Promise<Actor>;
  grantsOf(trx: Trx, actor: Actor, accountId: string, now: Temporal.Instant): Promise<Grant[]>;
  /**
   * Cuts what the rest of the transaction reads to what the caller's grants let them see of it. A command reads every name,
   * because it writes them, and those that the caller may not read are marked (`hidden-names.ts`).
   */
  cutFor(
    caller: Pick<Context, 'trx' | 'actor' | 'grants'>,
    accountId: string,
    reads: 'what-is-told' | 'marked-names',
  ): Promise<void>;
  /**
   * Who the caller is in an account, and what they hold there: staff with an open support access only what that gives, and
   * with a name that says so.
   */
  enter(
    trx: Trx,
    actor: Actor,
    accountId: string,
    now: Temporal.Instant,
  ): Promise<{ actor: Actor; grants: Grant[] }>;
}

export interface ServeDependencies {
  db: Database;
  installation: Installation;
  mailer: Mailer;
  webhooks: WebhookSender;
  breachedPasswords: BreachedPasswords;
  authentication: Authentication;
  now(): Temporal.Instant;
  newId(): string;
  /** Checks every answer against its declared shape; on in tests. */
  checkAnswers: boolean;
}

const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/;

function idempotencyKeyOf(request: FastifyRequest): string | null {
  const given = request.headers['idempotency-key'];
  if (given === undefined) return null;
  if (typeof given !== 'string' || !idempotencyKeyPattern.test(given)) {
    throw new Refused('invalid-request', 'The Idempotency-Key must be 1 to 255 visible ASCII characters.', {
      errors: [{ pointer: 'headers/idempotency-key', detail: 'must be 1 to 255 visible ASCII characters' }],
    });
  }
  return given;
}

/** Whether the caller may use the operation at all; look-ups inside name the action again for what they touch. */
export function permit(
  operation: Pick<Operation, 'permission' | 'cutsToLots'>,
  actor: Actor,
  grants: readonly Grant[],
): void {
  const { permission } = operation;
  if (permission.at === 'public') return;
  if (actor.kind === 'anonymous')
    throw new Refused('sign-in-required', 'This needs a session or an API key.');
  if (permission.at === 'signed-in') return;
  const platformRoles = 'platformRoles' in actor ? actor.platformRoles : [];
  if (permission.at === 'platform') {
    if (actor.kind === 'person' && actor.needsSecondFactor === true) {
      throw new Refused('second-factor-needed', 'Your platform roles wait until you have a second factor.');
    }
    if (platformAllows(platformRoles, permission.action)) return;
    throw new Refused('not-allowed', `This needs ${permission.action} on the platform.`, {
      action: permission.action,
    });
  }
  // The publisher's staff see that an account exists, nothing inside it.
  if (permission.action === 'view-account' && platformAllows(platformRoles, 'view-accounts')) return;
  if (grants.length === 0) throw notFound('account');
  if (reachOf(grants, permission.action).kind === 'nothing') {
    throw refusedAction(permission.action, grants);
  }
  if (sellerOf(grants) !== null && !operation.cutsToLots) throw limitedToLots(grants);
}

/** Why nothing of somebody's roles allows an action: they have none for it, or only ones that are limited. */
function refusedAction(action: AccountAction, grants: readonly Grant[]): Refused {
  const unlimited = grants.map(({ soldBy: _, ...grant }) => grant);
  if (reachOf(unlimited, action).kind !== 'nothing') return limitedToLots(grants);
  return new Refused('not-allowed', `Your roles in this account do not include ${action}.`, { action });
}

const limitedToLots = (grants: readonly Grant[]): Refused =>
  new Refused(
    'limited-to-lots',
    `You see the lots that ${sellerOf(grants)} sold. This concerns more than them.`,
    { soldBy: sellerOf(grants) },
  );

/** Nobody changes anything while they look through somebody else's eyes, wherever it would be; they end that first. */
function refuseWhileViewing(operation: Operation, actor: Actor): void {
  const viewing = actor.kind === 'person' ? actor.viewing : undefined;
  if (viewing === undefined || operation.endsView || operation.permission.at === 'public') return;
  throw new Refused(
    'viewing-as',
    `You look at an account as ${viewing.email} sees it, until ${viewing.until} at the latest.`,
    { until: viewing.until.toString() },
  );
}

/** `?dryRun=` belongs to the wrapper: it is taken out before the operation's own query is validated. */
function takeDryRun(
  operation: Operation,
  query: Record<string, unknown>,
): [boolean, Record<string, unknown>] {
  if (!operation.dryRun || query['dryRun'] === undefined) return [false, query];
  const { dryRun, ...rest } = query;
  if (dryRun !== 'true' && dryRun !== 'false') {
    throw new Refused('invalid-request', 'query/dryRun: must be true or false.', {
      errors: [{ pointer: 'query/dryRun', detail: 'must be true or false' }],
    });
  }
  return [dryRun === 'true', rest];
}

/**
 * So many files are sent at once: each holds a connection to the database for as long as its reader takes. Others wait a
 * little, because most files are short.
 */
const filePlaces = { places: 4, waiting: 50, milliseconds: 10_000 };

/** Registers every handler behind the one wrapper. */
export function serve(
  app: FastifyInstance,
  handlers: readonly Handler[],
  dependencies: ServeDependencies,
): void {
  const places = createPlaces(filePlaces);
  const answerFile = async (handler: FileView, request: FastifyRequest, reply: FastifyReply) => {
    if (!(await places.take())) {
      reply.header('retry-after', 10);
      throw new Refused(
        'too-many-requests',
        `${filePlaces.places} files are being sent already, which is as many as go at once.`,
      );
    }
    try {
      return await answer(handler, dependencies, request, reply);
    } finally {
      places.giveBack();
    }
  };
  for (const handler of handlers) {
    const { operation } = handler;
    const bound = boundOf(handler);
    app.route({
      method: operation.method,
      url: operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      handler: (request, reply) =>
        handler.kind === 'file-view'
          ? answerFile(handler, request, reply)
          : answer(handler, dependencies, request, reply, bound),
    });
  }
}

/** Counts a call against every bound of its operation, and refuses it where one is reached. */
type Bound = (
  input: Input<Operation>,
  now: Temporal.Instant,
  request: FastifyRequest,
  reply: FastifyReply,
) => void;

function boundOf(handler: Handler): Bound {
  const bounds: readonly CallBound[] = (handler.kind === 'command' ? handler.bounds : undefined) ?? [];
  const limited = bounds.map((bound) => ({ bound, limiter: createAttemptLimiter(bound) }));
  return (input, now, request, reply) => {
    for (const { bound, limiter } of limited) {
      for (const key of bound.keysOf(input, request.ip)) requireTry(limiter, key, now, reply);
    }
  };
}

/**
 * authenticate → validate → bound → transaction { permit, idempotency, command, event } → answer. What not everybody may
 * call is counted once it is permitted, so that nobody uses up what others may call.
 */
async function answer(
  handler: Handler,
  dependencies: ServeDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  bound: Bound = () => {},
): Promise<unknown> {
  const { operation } = handler;
  const now = dependencies.now();
  const actor = await dependencies.authentication.authenticate(request, now);
  if (handler.kind === 'command') refuseWhileViewing(operation, actor);
  const [dryRun, query] = takeDryRun(operation, request.query as Record<string, unknown>);
  // Who is not signed in learns nothing of what else is wrong with the request.
  if (operation.permission.at !== 'public' && actor.kind === 'anonymous') permit(operation, actor, []);
  const parsed = validate(operation, { params: request.params, query, body: request.body ?? undefined });
  const input: Input<Operation> = {
    ...parsed,
    contentType: (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
  };
  const key = idempotencyKeyOf(request);
  let isCounted = false;
  const count = () => {
    if (!isCounted) bound(input, now, request, reply);
    isCounted = true;
  };
  if (operation.permission.at === 'public') count();
  const afterCommit: (() => void)[] = [];

  const { accountId } = parsed.params as { accountId?: string };
  const contextOf = async (trx: Trx): Promise<Context> => {
    afterCommit.length = 0;
    const entered =
      accountId === undefined
        ? { actor, grants: [] }
        : await dependencies.authentication.enter(trx, actor, accountId, now);
    permit(operation, entered.actor, entered.grants);
    count();
    if (handler.kind === 'command' && operation.permission.at === 'account' && accountId !== undefined) {
      await requireChangeable(trx, accountId, handler);
    }
    if (accountId !== undefined) {
      const reads = handler.kind === 'command' ? 'marked-names' : 'what-is-told';
      await dependencies.authentication.cutFor({ trx, ...entered }, accountId, reads);
    }
    return {
      trx,
      ...entered,
      now,
      newId: dependencies.newId,
      requestId: request.id,
      from: request.ip,
      installation: dependencies.installation,
      mailer: dependencies.mailer,
      webhooks: dependencies.webhooks,
      breachedPasswords: dependencies.breachedPasswords,
      dryRun,
      afterCommit: (work) => void afterCommit.push(work),
    };
  };

  if (accountId !== undefined && mayBeSupport(actor) && (handler.kind !== 'command' || dryRun)) {
    // In a transaction of its own, before anything is shown: a file that breaks off was read as well, and a dry run,
    // of which nothing else is kept, tells as much as a view.
    await inTransaction(dependencies.db, async (trx) =>
      noteSupportRead(await contextOf(trx), operation, parsed),
    );
  }

  if (handler.kind === 'file-view') {
    await dependencies.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (trx) => {
        const file = await handler.run(await contextOf(trx), input);
        await send(reply, file, dependencies.installation.publicUrl);
      });
    return reply;
  }

  if (handler.kind === 'view') {
    // All queries of a view see one instant, so that its figures fit together.
    const result = await inTransaction(
      dependencies.db,
      async (trx) => handler.run(await contextOf(trx), input),
      'repeatable read',
    );
    return checked(dependencies, operation, result);
  }

  const change = async (context: Context) => {
    const { answer: body, event } = await handler.run(context, input);
    await recordCommandEvent(context, operation.name, event);
    // Also where it is kept for whoever sends the same request again.
    return { status: operation.status, answer: checked(dependencies, operation, withoutHiddenNames(body)) };
  };
  if (dryRun) {
    const result = await rolledBack(dependencies.db, async (trx) => change(await contextOf(trx)));
    reply.code(200).header('Estover-Dry-Run', 'true');
    return result.answer;
  }
  const result = await inTransaction(dependencies.db, async (trx) => {
    const context = await contextOf(trx);
    if (key === null || operation.repeats) return { ...(await change(context)), replayed: false };
    return once(context, operation, key, parsed, () => change(context));
  });
  for (const work of afterCommit) work();
  reply.code(result.status);
  if (result.replayed) reply.header('Idempotent-Replayed', 'true');
  return result.answer;
}

function checked(dependencies: ServeDependencies, operation: Operation, answer: unknown): unknown {
  if (!dependencies.checkAnswers) return answer;
  const result = operation.answer.safeParse(answer);
  if (!result.success) {
    throw new Error(`${operation.name} answers what its contract does not say: ${result.error.message}`);
  }
  return answer;
}

/** Streams a file from inside its transaction; a failure half-way breaks the connection, so that no half file looks whole. */
async function send(reply: FastifyReply, file: FileAnswer, publicUrl: string): Promise<void> {
  const chunks = file.stream[Symbol.asyncIterator]();
  // What fails before there is anything to send is a refusal like any other, and not a broken file.
  const first = await chunks.next();
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.setHeader('content-type', file.contentType);
  reply.raw.setHeader('content-disposition', `attachment; filename="${file.fileName}"`);
  // A reply that is sent by hand passes no hooks, so what they add is added here.
  for (const [name, value] of Object.entries(answerHeaders(reply.request, publicUrl))) {
    reply.raw.setHeader(name, value);
  }
  try {
    await pipeline(Readable.from(from(first, chunks)), reply.raw);
  } catch (error) {
    reply.raw.destroy();
    reply.log.error({ err: error, requestId: reply.request.id }, 'a file could not be sent whole');
  }
}

/** The first piece, which was read already, and then the others. */
async function* from<T>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    for (let piece = first; piece.done !== true; piece = await rest.next()) yield piece.value;
  } finally {
    await rest.return?.();
  }
}

/** Turns whatever was thrown into a problem document. What nobody foresaw says nothing of the inside. */
export function problemFrom(
  error: unknown,
  request: FastifyRequest,
): { refused: Refused; retryAfterSeconds?: number } {
  if (error instanceof Refused) {
    const { retryAfterSeconds } = error.facts;
    return typeof retryAfterSeconds === 'number' ? { refused: error, retryAfterSeconds } : { refused: error };
  }
  if (isDatabaseAway(error)) {
    request.log.warn(
      { err: error, requestId: request.id },
      'a request has to come again: the database is away or has no room',
    );
    return {
      refused: new Refused('not-ready', 'The database does not answer right now.'),
      retryAfterSeconds: 5,
    };
  }
  const state = sqlStateOf(error);
  if (isGivenUp(error)) request.log.warn({ err: error, requestId: request.id }, givenUpMessage);
  if (state === '57014') {
    return {
      refused: new Refused('not-ready', 'This took longer than the server lets one request take.'),
      retryAfterSeconds: 30,
    };
  }
  if (state === '40001' || state === '40P01') {
    return {
      refused: new Refused('not-ready', 'Too many changes at the same place at once.'),
      retryAfterSeconds: 1,
    };
  }
  // Data that passed validation and that the database cannot read: of a cursor that was made up, in nearly all cases.
  if (state !== undefined && /^22\w{3}$/.test(state)) {
    request.log.warn(
      { err: error, requestId: request.id },
      'the database could not read a value of the request',
    );
    const cursor = (request.query as { cursor?: unknown } | undefined)?.cursor !== undefined;
    return {
      refused: cursor
        ? new Refused('cursor-invalid', 'The cursor does not belong to this list and sort order.')
        : new Refused('invalid-request', 'A value of the request cannot be read.'),
    };
  }
  if (state === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return { refused: new Refused('body-too-large', 'The body is larger than this operation takes.') };
  }
  if (state === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return {
      refused: new Refused(
        'unsupported-media-type',
        'The media type of the body is not one this operation takes.',
      ),
    };
  }
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { refused: new Refused('malformed-body', 'The request could not be read.') };
  }
  request.log.error({ err: error, requestId: request.id }, 'request failed');
  return { refused: new Refused('internal-error', 'The server could not do this. Nothing was changed.') };
}
