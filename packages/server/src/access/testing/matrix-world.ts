import { randomUUIDv7 } from 'node:crypto';
import { createClient, grantRole, listMails, listPlatformEvents } from '@estover/protocol';
import type { FastifyInstance } from 'fastify';
import { type AppDependencies, createApp } from '../../app.ts';
import type { Database } from '../../database/database.ts';
import { keepingMailer } from '../../notifications/index.ts';
import { startTestServer, type TestServer } from '../../testing/index.ts';
import { createSetupLink } from '../index.ts';
import { keepingNothing } from './keeping-nothing.ts';
import { makeMoves } from './matrix-moves.ts';
import { makeNotificationLinks } from './matrix-notifications.ts';
import {
  allCallers,
  type MatrixCaller,
  ownOfStranger,
  setTheScene,
  strangersEmail,
} from './matrix-places.ts';
import { makeRequests } from './matrix-requests.ts';
import { type Samples, samplesOf } from './matrix-samples.ts';
import { makeSupport } from './matrix-support.ts';

/** Everything the samples name, everybody who sends them, and a server that answers them and keeps nothing. */
export interface MatrixWorld {
  server: TestServer;
  scene: Awaited<ReturnType<typeof setTheScene>>;
  callers: MatrixCaller[];
  samples: Samples;
  /** The address of the server that keeps nothing. */
  baseUrl: string;
  /** Stops both servers, and gives the database back. */
  close(): Promise<void>;
}

/**
 * Another server on the same database, which answers and keeps nothing.
 *
 * @param dbOf the database of that server, where it is to be another one
 * @param more what it is made with beside that
 */
export async function serverKeepingNothing(
  server: TestServer,
  dbOf: (db: Database) => Database = keepingNothing,
  more: Partial<AppDependencies> = {},
): Promise<{ app: FastifyInstance; baseUrl: string }> {
  const app = await createApp({
    db: dbOf(server.db),
    installation: server.installation,
    now: server.clock.now,
    newId: () => randomUUIDv7(),
    log: false,
    // Mails that were kept before there was a mail server can be opened and sent.
    mailer: { ...keepingMailer, isConfigured: true },
    checkAnswers: true,
    ...more,
  });
  return { app, baseUrl: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

/** Samples of all operations in a scene whose stranger has signed in, with all that they name beside the scene. */
export async function makeSamples(server: TestServer, scene: MatrixWorld['scene']): Promise<Samples> {
  const { invitationLink } = await scene.own.administrator.call(grantRole, {
    params: { accountId: scene.own.accountId },
    body: { email: 'new@own.example', role: 'viewer', scope: { kind: 'account' } },
  });
  const setUpLink = await createSetupLink(server.db, {
    now: server.clock.now(),
    newId: () => randomUUIDv7(),
    publicUrl: '',
  });
  const { items: mails } = await server.operator.call(listMails, { query: { search: 'new@own.example' } });
  const strangers = await ownOfStranger(server);
  // One that everybody sees who sees events of the platform.
  const { items: events } = await server.operator.call(listPlatformEvents, {
    query: { objectKind: 'product' },
  });
  return samplesOf(
    { ...scene, keptMail: mails[0]?.mailId ?? '', platformEventId: events[0]?.eventId ?? '', strangers },
    {
      setUp: setUpLink as string,
      invitation: invitationLink as string,
      ...(await makeRequests(server)),
      ...(await makeMoves(server, scene, strangersEmail)),
      ...(await makeSupport(server, scene.foreign.accountId)),
      ...(await makeNotificationLinks(server, scene.places.own)),
    },
  );
}

/** Makes it. Parameters are those of `serverKeepingNothing`. */
export async function makeMatrixWorld(
  dbOf?: (db: Database) => Database,
  more?: Partial<AppDependencies>,
): Promise<MatrixWorld> {
  const txtRecords = new Map<string, string[]>();
  const server = await startTestServer({ txtRecords });
  const scene = await setTheScene(server, txtRecords);
  const { app, baseUrl } = await serverKeepingNothing(server, dbOf, more);
  const callers = await allCallers(server, baseUrl, scene, (apiKey) =>
    createClient({ baseUrl, ...(apiKey === undefined ? {} : { apiKey }) }),
  );
  const samples = await makeSamples(server, scene);
  return {
    ...{ server, scene, callers, samples, baseUrl },
    async close() {
      await app.close();
      await server.close();
    },
  };
}
