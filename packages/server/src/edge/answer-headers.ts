import type { FastifyRequest } from 'fastify';

/** For what is no page: nothing in it is loaded or run, wherever somebody opens it. */
const policyOfData = "default-src 'none'; frame-ancestors 'none'";

/**
 * The headers that every answer has unless it has its own (OWASP ASVS 5.0 §3.4): its type is kept to, it opens no way into
 * another window, it is kept by nobody, and browsers stay on https (RFC 6797), which a proxy before this server may speak
 * for it.
 */
export const answerHeaders = (
  request: Pick<FastifyRequest, 'id' | 'protocol'>,
  publicUrl: string,
): Record<string, string> => ({
  'x-content-type-options': 'nosniff',
  'x-request-id': request.id,
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': policyOfData,
  'cache-control': 'no-store',
  ...((request.protocol === 'https' || publicUrl.startsWith('https:')) && {
    'strict-transport-security': 'max-age=31536000',
  }),
});
