import { documentMediaType } from '@estover/protocol/device';
import Fastify from 'fastify';

/*
 * The least that the framework does for the same request: one route that takes a text and gives a text of the usual
 * length. It says its port on the first line of its output, and lives until it is ended.
 */

const answer = 'x'.repeat(900);

const app = Fastify({ logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser(documentMediaType, { parseAs: 'string' }, (_request, body, done) =>
  done(null, body),
);
app.post('/device/v1/authorizations', async (_request, reply) => reply.type(documentMediaType).send(answer));
console.log(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
