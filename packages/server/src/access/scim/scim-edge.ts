import { provisionedDomains } from '@estover/domain/access';
import {
  resourceTypes,
  ScimError,
  schemas,
  scimMediaType,
  serviceProviderConfig,
} from '@estover/protocol/scim';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Database, Trx } from '../../database/database.ts';
import { inTransaction } from '../../database/transaction.ts';
import { requireChangeable } from '../../edge/account-standing.ts';
import type { Actor, Context } from '../../edge/context.ts';
import { notFound, Refused } from '../../edge/refused.ts';
import { type Authentication, permit, problemFrom, type ServeDependencies } from '../../edge/serve.ts';
import { lockAccount, requireAccountReach } from '../scope.ts';
import { accountForProvisioning } from './account-for-provisioning.ts';
import { noteProvisioningRequest } from './provisioning-clients-store.ts';
import { listAnswer, type ScimAnswer, type ScimCall } from './scim-call.ts';
import {
  getGroup,
  listGroups,
  refuseGroupDeletion,
  refuseNewGroup,
  replaceGroup,
  updateGroup,
} from './scim-groups.ts';
import { createUser, deleteUser, getUser, listUsers, replaceUser, updateUser } from './scim-users.ts';

export type ScimDependencies = Omit<ServeDependencies, 'checkAnswers'>;

const largestBody = 1024 * 1024;

type Run = (call: ScimCall) => Promise<ScimAnswer> | ScimAnswer;

/** What identity providers ask for and what answers it, below the account's address (RFC 7644 §3.2). */
const routes: readonly [HTTPMethods, string, Run][] = [
  ['GET', '/ServiceProviderConfig', ({ base }) => ({ status: 200, body: serviceProviderConfig(base) })],
  ['GET', '/ResourceTypes', ({ base, query }) => all(query, resourceTypes(base))],
  ['GET', '/ResourceTypes/:id', ({ base, id }) => oneOf(resourceTypes(base), id)],
  ['GET', '/Schemas', ({ base, query }) => all(query, schemas(base))],
  ['GET', '/Schemas/:id', ({ base, id }) => oneOf(schemas(base), id)],
  ['GET', '/Users', listUsers],
  ['POST', '/Users', createUser],
  ['GET', '/Users/:id', getUser],
  ['PUT', '/Users/:id', replaceUser],
  ['PATCH', '/Users/:id', updateUser],
  ['DELETE', '/Users/:id', deleteUser],
  ['GET', '/Groups', listGroups],
  ['POST', '/Groups', refuseNewGroup],
  ['GET', '/Groups/:id', getGroup],
  ['PUT', '/Groups/:id', replaceGroup],
  ['PATCH', '/Groups/:id', updateGroup],
  ['DELETE', '/Groups/:id', refuseGroupDeletion],
];

const all = (query: ScimCall['query'], resources: Record<string, unknown>[]): ScimAnswer => {
  // RFC 7644 §4: a filter on what the server says of itself is refused, so that nobody takes it for the whole.
  if (query['filter'] !== undefined) throw new ScimError(403, 'Nothing is filtered here.');
  return listAnswer(query, resources.length, resources);
};

function oneOf(resources: Record<string, unknown>[], id: string): ScimAnswer {
  const body = resources.find((resource) => resource['id'] === id);
  if (body === undefined) throw new ScimError(404, `There is no ${id}.`);
  return { status: 200, body };
}

/**
 * The HTTP edge for identity providers, SCIM 2.0 (RFC 7643, RFC 7644). A plugin of its own beside the operations, with
 * the same way in and the same rights: an API client that manages people in the whole account.
 */
export async function scimEdge(
  app: FastifyInstance,
  dependencies: ScimDependencies & { authentication: Authentication },
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    [scimMediaType, 'application/json'],
    { parseAs: 'string', bodyLimit: largestBody },
    (_request, body, done) => done(null, body),
  );
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  for (const [method, url, run] of routes) {
    app.route({ method, url, handler: (request, reply) => answer(dependencies, run, request, reply) });
  }
  app.all('/*', async () => {
    throw new ScimError(404, 'There is nothing at this address.');
  });
}

async function answer(
  dependencies: ScimDependencies & { authentication: Authentication },
  run: Run,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { db, authentication, installation } = dependencies;
  const now = dependencies.now();
  const { accountId, id = '' } = request.params as { accountId: string; id?: string };
  const actor = await authentication.authenticate(request, now);
  // A person's session is no way in: whoever has a browser open must not be made to provision.
  if (actor.kind !== 'api-key') {
    throw new Refused('sign-in-required', 'This needs the secret of an API client, or an access token.');
  }
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(accountId)) throw notFound('account');
  const isRead = request.method === 'GET';
  const afterCommit: (() => void)[] = [];
  let isAllowed = false;

  const work = async (trx: Trx): Promise<ScimAnswer> => {
    afterCommit.length = 0;
    const grants = await authentication.grantsOf(trx, actor, accountId, now);
    permit({ permission: { at: 'account', action: 'manage-people' }, cutsToLots: false }, actor, grants);
    const context: Context = {
      ...dependencies,
      trx,
      actor,
      grants,
      now,
      requestId: request.id,
      from: request.ip,
      dryRun: false,
      afterCommit: (after) => void afterCommit.push(after),
    };
    requireAccountReach(context, 'manage-people');
    isAllowed = true;
    if (!isRead) {
      if (!(await lockAccount(trx, accountId))) throw notFound('account');
      await requireChangeable(trx, accountId);
    }
    const account = await accountForProvisioning(trx, accountId);
    if (provisionedDomains(account).length === 0) {
      throw new Refused('not-for-limited-use', 'This account has no mail domain of its own to provision.');
    }
    return run({
      context,
      account: { ...account, domains: provisionedDomains(account) },
      base: `${installation.publicUrl}/scim/v2/accounts/${accountId}`,
      id,
      query: request.query as Record<string, string>,
      body: bodyOf(request),
      ifMatch: request.headers['if-match'],
    });
  };

  try {
    const answered = await inTransaction(db, work, isRead ? 'repeatable read' : 'read committed');
    for (const after of afterCommit) after();
    await note(db, actor, accountId, request, null, now);
    return send(request, reply, answered);
  } catch (error) {
    const told = errorOf(error, request);
    if (isAllowed && told.error.status < 500) {
      await note(db, actor, accountId, request, told.error.message, now);
    }
    throw error;
  }
}

/** What the console shows of a request: no ids of filters and no bodies, which hold names of people. */
const note = (
  db: Database,
  actor: Actor & { kind: 'api-key' },
  accountId: string,
  request: FastifyRequest,
  error: string | null,
  at: Temporal.Instant,
): Promise<void> => {
  const path = request.url.split('?')[0]?.split(`/${accountId}`)[1] ?? '';
  const line = `${request.method} ${path}`.slice(0, 200);
  const noted = { accountId, apiKeyId: actor.id, request: line, error: error?.slice(0, 500) ?? null, at };
  // What was answered stands, also where it cannot be noted.
  return noteProvisioningRequest(db, noted).catch((failure: unknown) => {
    request.log.warn({ err: failure }, 'a request of an identity provider could not be noted');
  });
};

function bodyOf(request: FastifyRequest): unknown {
  if (typeof request.body !== 'string' || request.body === '') return undefined;
  try {
    return JSON.parse(request.body);
  } catch {
    throw new ScimError(400, 'The body is not well-formed JSON.', 'invalidSyntax');
  }
}

function send(request: FastifyRequest, reply: FastifyReply, { status, body, version, location }: ScimAnswer) {
  if (version !== undefined) reply.header('etag', version);
  if (location !== undefined) reply.header('location', location);
  const known = request.headers['if-none-match'];
  if (request.method === 'GET' && version !== undefined && known?.includes(version)) {
    return reply.code(304).send();
  }
  reply.code(status);
  return body === undefined ? reply.send() : reply.type(scimMediaType).send(JSON.stringify(body));
}

/** Whatever was thrown, in the form of RFC 7644 §3.12. Rules refuse with their own sentences. */
function errorOf(
  error: unknown,
  request: FastifyRequest,
): { error: ScimError; retryAfterSeconds?: number | undefined } {
  if (error instanceof ScimError) return { error };
  const { refused, retryAfterSeconds } = problemFrom(error, request);
  const { status, detail, next } = refused.problem(request.id);
  const seconds = retryAfterSeconds ?? refused.facts['retryAfterSeconds'];
  return {
    error:
      status === 422
        ? new ScimError(400, `${detail} ${next}`, 'invalidValue')
        : new ScimError(status, `${detail} ${next}`),
    retryAfterSeconds: typeof seconds === 'number' ? seconds : undefined,
  };
}

function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { error, retryAfterSeconds } = errorOf(thrown, request);
  if (error.status === 401) reply.header('www-authenticate', 'Bearer realm="estover"');
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  return reply.code(error.status).type(scimMediaType).send(JSON.stringify(error.body()));
}
