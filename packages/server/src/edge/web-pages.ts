import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import staticFiles from '@fastify/static';
import apiReference from '@scalar/fastify-api-reference';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** What pages may load: their own files. The component library writes style elements, so styles may be inline. */
const policy = (scripts: string) =>
  [
    "default-src 'none'",
    `script-src ${scripts}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

const pageHeaders = {
  'content-security-policy': policy("'self'"),
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** Whether a request wants one of the console's pages, which all live in one document. */
export const wantsPage = (request: FastifyRequest): boolean =>
  request.method === 'GET' &&
  (request.headers.accept ?? '').includes('text/html') &&
  !/^\/(api|auth|device|reference|assets)(\/|$)/.test(request.url);

/**
 * Serves the console's built files, and its document for every page address. Answers a function that sends the document,
 * for the handler of what was not found; null when the console was not built.
 */
export async function serveConsole(
  app: FastifyInstance,
  folder: string,
): Promise<((reply: FastifyReply) => FastifyReply) | null> {
  if (!existsSync(join(folder, 'index.html'))) return null;
  await app.register(staticFiles, {
    root: folder,
    wildcard: false,
    setHeaders(response, path) {
      const named = path.includes('/assets/');
      // Built files carry a hash in their name; the document that names them is asked for anew.
      response.header('cache-control', named ? 'public, max-age=31536000, immutable' : 'no-cache');
      for (const [name, value] of Object.entries(pageHeaders)) response.header(name, value);
    },
  });
  return (reply) => reply.sendFile('index.html');
}

/** Serves the reference of the API under `/reference`, made from `/openapi.json`, with nothing from elsewhere. */
export async function serveReference(app: FastifyInstance): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onSend', async (_request, reply, payload) => {
      for (const [name, value] of Object.entries(pageHeaders)) reply.header(name, value);
      if (typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')) {
        reply.header('content-security-policy', policy(["'self'", ...hashesOf(payload)].join(' ')));
      }
    });
    await scope.register(apiReference, {
      routePrefix: '/reference',
      configuration: {
        url: '/openapi.json',
        pageTitle: 'Estover API',
        withDefaultFonts: false,
        telemetry: false,
        hideClientButton: true,
        // Its maker's tools and its assistant would lead out of this installation.
        showDeveloperTools: 'never',
        agent: { disabled: true },
      },
    });
  });
}

/** Hashes of a document's inline scripts, so that exactly these may run. */
function hashesOf(document: string): string[] {
  return [...document.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script]) =>
      `'sha256-${createHash('sha256')
        .update(script ?? '')
        .digest('base64')}'`,
  );
}
