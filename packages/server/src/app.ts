import type { Operation } from '@estover/protocol';
import { openApiDocument } from '@estover/protocol';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify';
import { createAuthentication } from './access/authentication.ts';
import { type BreachedPasswords, noBreachedPasswords } from './access/breached-passwords.ts';
import { routes as accessRoutes } from './access/routes.ts';
import { scimEdge } from './access/scim/scim-edge.ts';
import { createSignIn } from './access/sign-in.ts';
import { addSignInRoutes } from './access/sign-in-routes.ts';
import { tokenRoute } from './access/token-route.ts';
import { routes as accountRoutes } from './accounts/routes.ts';
import { routes as agreementRoutes } from './agreements/routes.ts';
import { routes as alertRoutes } from './alerts/routes.ts';
import { routes as auditRoutes } from './audit/routes.ts';
import { routes as catalogRoutes } from './catalog/routes.ts';
import type { Database } from './database/database.ts';
import { deviceEdge } from './device/index.ts';
import { answerHeaders } from './edge/answer-headers.ts';
import {
  boundConnections,
  type ConnectionLimits,
  defaultConnectionLimits,
  serverOptions,
} from './edge/connection-limits.ts';
import type { Handler } from './edge/operation.ts';
import { Refused } from './edge/refused.ts';
import { problemFrom, serve } from './edge/serve.ts';
import { serveConsole, serveReference, wantsPage } from './edge/web-pages.ts';
import type { Installation } from './installation/index.ts';
import { routes as licenseRoutes } from './licenses/routes.ts';
import { keepingMailer, type Mailer, unsubscribeRoute } from './notifications/index.ts';
import { routes as notificationRoutes } from './notifications/routes.ts';
import { routes as orderRoutes } from './orders/routes.ts';
import { routes as privacyRoutes } from './privacy/routes.ts';
import { routes as productInstanceRoutes } from './product-instances/routes.ts';
import { routes as reportRoutes } from './reports/routes.ts';
import { routes as supportRoutes } from './support/routes.ts';
import { silentWebhooks, type WebhookSender } from './webhooks/index.ts';
import { routes as webhookRoutes } from './webhooks/routes.ts';

export interface AppDependencies {
  db: Database;
  installation: Installation;
  now(): Temporal.Instant;
  newId(): string;
  log: FastifyBaseLogger | false;
  /** Without one, mails are kept in the outbox. */
  mailer?: Mailer;
  /** Without one, events reach webhooks by another server. */
  webhooks?: WebhookSender;
  /** Passwords that nobody may choose; without a list none. */
  breachedPasswords?: BreachedPasswords;
  /** Checks every answer against its declared shape; on in tests. */
  checkAnswers?: boolean;
  /** Whose forwarded headers count: everybody's, nobody's, or those of a list of addresses. */
  trustProxy?: boolean | string;
  /** Adds what must come before every route, such as health and metrics. */
  prepare?(app: FastifyInstance): void;
  https?: { cert: string; key: string };
  /** What lines to the server may take; the defaults of the configuration if not given. */
  limits?: ConnectionLimits;
  /** False keeps the reference of the API and its document to oneself. */
  servesReference?: boolean;
  /** Folder of the built console; without it only the API is served. */
  consoleFolder?: string;
}

/** Every operation with what answers it: the map of the server. */
export const handlers: readonly Handler[] = [
  ...accessRoutes,
  ...accountRoutes,
  ...agreementRoutes,
  ...alertRoutes,
  ...auditRoutes,
  ...catalogRoutes,
  ...licenseRoutes,
  ...notificationRoutes,
  ...orderRoutes,
  ...privacyRoutes,
  ...productInstanceRoutes,
  ...reportRoutes,
  ...supportRoutes,
  ...webhookRoutes,
];

/** The largest body of an import file; other bodies are at most 1 MiB. */
const importBytes = 32 * 1024 * 1024;

/** Makes the HTTP application. It listens nowhere yet and starts no job. */
export async function createApp(dependencies: AppDependencies): Promise<FastifyInstance> {
  const limits = dependencies.limits ?? defaultConnectionLimits;
  const { requestTimeout, ofServer } = serverOptions(limits);
  const app = Fastify({
    ...(dependencies.log === false ? { logger: false } : { loggerInstance: dependencies.log }),
    ...(dependencies.https === undefined
      ? { http: ofServer }
      : { https: { ...ofServer, ...dependencies.https } }),
    // Two lines for every request would cost more than many a request; durations are in the metrics.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: dependencies.trustProxy ?? false,
    bodyLimit: 1024 * 1024,
    requestTimeout,
    genReqId: () => dependencies.newId(),
    // What the framework refuses before any route, such as an address that cannot be decoded.
    frameworkErrors: (error, request, reply) => {
      const problem = new Refused('not-found', `The address cannot be read: ${error.code}.`).problem(
        request.id,
      );
      // No hook sees what never came to a route.
      reply.headers(answerHeaders(request, dependencies.installation.publicUrl));
      (reply as FastifyReply).code(problem.status).type('application/problem+json').send(problem);
    },
    routerOptions: {
      // Whatever fits into a request's line reaches the operation, which says what is wrong with it.
      maxParamLength: 16_384,
      querystringParser: (text) => Object.fromEntries(new URLSearchParams(text)),
    },
  }) as unknown as FastifyInstance;

  // A logger of its own for every request costs more than many a request; what is logged names the request instead.
  app.setChildLoggerFactory((logger) => logger);
  dependencies.prepare?.(app);
  boundConnections(app, limits);
  app.removeContentTypeParser('text/plain');
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', async (request, reply) => {
    // A connection that stays open after its last answer would keep the server from ending.
    if (closing) reply.header('connection', 'close');
    for (const [name, value] of Object.entries(answerHeaders(request, dependencies.installation.publicUrl))) {
      if (!reply.hasHeader(name)) reply.header(name, value);
    }
  });
  app.setErrorHandler((error, request, reply) => {
    const { refused, retryAfterSeconds } = problemFrom(error, request);
    const problem = refused.problem(request.id);
    if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
    return reply.code(problem.status).type('application/problem+json').send(problem);
  });
  const servesReference = dependencies.servesReference ?? true;
  if (servesReference) await serveReference(app);
  const sendConsole =
    dependencies.consoleFolder === undefined ? null : await serveConsole(app, dependencies.consoleFolder);
  app.setNotFoundHandler((request, reply) => {
    if (sendConsole !== null && wantsPage(request)) return sendConsole(reply);
    const problem = new Refused(
      'not-found',
      `There is nothing at ${request.method} ${request.url.split('?')[0]}.`,
    ).problem(request.id);
    return reply.code(404).type('application/problem+json').send(problem);
  });

  const { db, installation } = dependencies;
  const signIn = createSignIn(db, installation, dependencies.now);
  const authentication = createAuthentication(db, signIn, installation);
  const checkAnswers = dependencies.checkAnswers ?? false;
  const mailer = dependencies.mailer ?? keepingMailer;
  const webhooks = dependencies.webhooks ?? silentWebhooks;
  const breachedPasswords = dependencies.breachedPasswords ?? noBreachedPasswords;
  const forOperations = {
    ...dependencies,
    authentication,
    mailer,
    webhooks,
    breachedPasswords,
    checkAnswers,
  };
  await app.register((tokens) => tokenRoute(tokens, dependencies));
  await app.register((clicks) => unsubscribeRoute(clicks, dependencies));
  addSignInRoutes(app, { ...dependencies, signIn, mailer, breachedPasswords });

  await app.register(async (api) => {
    // Operations that take a file read it as text themselves; all others get parsed JSON.
    serve(
      api,
      handlers.filter((h) => h.operation.bodyMedia === undefined),
      forOperations,
    );
  });
  await app.register(async (files) => {
    files.removeContentTypeParser('application/json');
    files.addContentTypeParser(
      ['application/json', 'text/csv'],
      { parseAs: 'string', bodyLimit: importBytes },
      (_request, body, done) => done(null, body),
    );
    serve(
      files,
      handlers.filter((h) => h.operation.bodyMedia !== undefined),
      forOperations,
    );
  });

  await app.register((scim) => scimEdge(scim, forOperations), { prefix: '/scim/v2/accounts/:accountId' });
  await app.register((device) => deviceEdge(device, { ...dependencies, checkAnswers }));

  const operations: Operation[] = handlers.map((handler) => handler.operation);
  // Made when somebody asks: it takes longer than all else here.
  let document: unknown;
  if (servesReference) {
    app.get('/openapi.json', async () => {
      document ??= openApiDocument(operations, dependencies.installation.version);
      return document;
    });
  }
  return app;
}
