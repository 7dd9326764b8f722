import type { FastifyInstance, FastifyReply } from 'fastify';

/** What a line to the server may take, so that slow, idle and huge ones end by themselves (OWASP ASVS 5.0 §15.2.2). */
export interface ConnectionLimits {
  /** From the first moment of a line, or the first byte of its next request, to the end of the headers. */
  headersSeconds: number;
  /** The same to the end of the body. */
  requestSeconds: number;
  /** Of one request. All of them together are 16 KiB at most. */
  mostHeaders: number;
  /** At once; further ones are closed as they come. */
  mostConnections: number;
}

export const defaultConnectionLimits: ConnectionLimits = {
  headersSeconds: 20,
  requestSeconds: 60,
  mostHeaders: 100,
  mostConnections: 10_000,
};

/** How the limits are said to the HTTP server, which looks for lines that are over time at least twice in each of them. */
export function serverOptions({ headersSeconds, requestSeconds }: ConnectionLimits) {
  const requestTimeout = requestSeconds * 1_000;
  // The headers are a part of the request.
  const headersTimeout = Math.min(headersSeconds * 1_000, requestTimeout);
  return {
    requestTimeout,
    ofServer: {
      requestTimeout,
      headersTimeout,
      connectionsCheckingInterval: Math.min(30_000, headersTimeout / 2),
    },
  };
}

/** Bounds the lines and the headers of requests. To be called before there are routes. */
export function boundConnections(
  app: FastifyInstance,
  { mostHeaders, mostConnections }: ConnectionLimits,
): void {
  app.server.maxConnections = mostConnections;
  app.addHook('onRequest', async (request, reply) => {
    // Names and values one after the other, as they came: two of one name are two.
    if (request.raw.rawHeaders.length / 2 > mostHeaders) return tooManyHeaders(reply, mostHeaders);
  });
}

/** As the HTTP parser answers a head that is too long; no operation has seen the request by then. */
const tooManyHeaders = (reply: FastifyReply, mostHeaders: number): FastifyReply =>
  reply
    .code(431)
    .header('connection', 'close')
    .send({
      error: 'Request Header Fields Too Large',
      message: `A request has at most ${mostHeaders} headers.`,
      statusCode: 431,
    });
