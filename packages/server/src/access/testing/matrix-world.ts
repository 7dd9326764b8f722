import { randomUUIDv7 } from 'node:crypto';
import { grantRole, listMails } from '@estover/protocol';
import type { FastifyInstance } from 'fastify';
import { createApp } from '../../app.ts';
import { keepingMailer } from '../../notifications/index.ts';
import type { TestServer } from '../../testing/index.ts';
import { createSetupLink } from '../index.ts';
import { keepingNothing } from './keeping-nothing.ts';
import { makeMoves } from './matrix-moves.ts';
import { makeNotificationLinks } from './matrix-notifications.ts';
import { ownOfStranger, type setTheScene, strangersEmail } from './matrix-places.ts';
import { makeRequests } from './matrix-requests.ts';
import { type Samples, samplesOf } from './matrix-samples.ts';
import { makeSupport } from './matrix-support.ts';

/** Another server on the same database, which answers and keeps nothing. */
export async function serverKeepingNothing(
  server: TestServer,
): Promise<{ app: FastifyInstance; baseUrl: string }> {
  const app = await createApp({
    db: keepingNothing(server.db),
    installation: server.installation,
    now: server.clock.now,
    newId: () => randomUUIDv7(),
    log: false,
    // Mails that were kept before there was a mail server can be opened and sent.
    mailer: { ...keepingMailer, isConfigured: true },
    checkAnswers: true,
  });
  return { app, baseUrl: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

/** Samples of all operations in a scene whose stranger has signed in, with all that they name beside the scene. */
export async function makeSamples(
  server: TestServer,
  scene: Awaited<ReturnType<typeof setTheScene>>,
): Promise<Samples> {
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
  return samplesOf(
    { ...scene, keptMail: mails[0]?.mailId ?? '', strangers },
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
