import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import {
  documentMediaType,
  problemMediaType,
  signedTogetherMediaType,
  trustPath,
} from '@estover/protocol/device';
import { Agent as Connections, type Dispatcher, ProxyAgent, request } from 'undici';
import { AgentError } from './errors.ts';
import { readRetryAfter } from './retry.ts';
import type { AgentSettings } from './state.ts';

/** What came back over the line, not yet believed. */
export interface Reply {
  status: number;
  contentType: string;
  body: string;
  retryAfterSeconds: number | undefined;
}

/** The line to the server. Rejects when there was no reply; the reason is the error's message. */
export interface Transport {
  post(path: string, document: string): Promise<Reply>;
  getTrust(): Promise<Reply>;
  close(): Promise<void>;
}

export interface TransportOptions extends Pick<AgentSettings, 'serverUrl' | 'caFile' | 'proxyUrl'> {
  /** For a connection, and again for the whole of a reply. */
  timeoutMilliseconds?: number;
}

/** Answers are small; whoever sends more is not the server. */
const largestReply = 512 * 1024;

/**
 * HTTPS to the server with the system's certificate authorities or a given one, through a proxy if there is one. Plain
 * HTTP only to this machine itself: the trust in the server's keys rests on the line.
 *
 * @throws AgentError when the settings cannot work
 */
export function createTransport(options: TransportOptions): Transport {
  const { serverUrl, proxyUrl } = options;
  if (serverUrl === null) {
    throw new AgentError(
      'server-unknown',
      'The address of the server is not known yet. Give it with --server.',
    );
  }
  const base = new URL(serverUrl.endsWith('/') ? serverUrl : `${serverUrl}/`);
  if (base.protocol !== 'https:' && !isLoopback(base.hostname)) {
    throw new AgentError(
      'server-insecure',
      `${serverUrl} is not HTTPS. Use https://, or http:// for this machine alone.`,
    );
  }
  const timeout = options.timeoutMilliseconds ?? 30_000;
  const dispatcher = createDispatcher(authoritiesOf(options.caFile), proxyUrl, timeout);

  const call = async (method: 'GET' | 'POST', path: string, document?: string): Promise<Reply> => {
    const { statusCode, headers, body } = await request(new URL(path.slice(1), base), {
      method,
      dispatcher,
      signal: AbortSignal.timeout(timeout),
      headers:
        document === undefined
          ? {}
          : { 'content-type': documentMediaType, accept: `${signedTogetherMediaType}, ${problemMediaType}` },
      ...(document === undefined ? {} : { body: document }),
    });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body) {
      length += chunk.length;
      if (length > largestReply) {
        body.destroy();
        throw new Error(`the reply is longer than ${largestReply} bytes`);
      }
      chunks.push(chunk);
    }
    const header = (name: string) => [headers[name]].flat()[0];
    return {
      status: statusCode,
      contentType: (header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
      body: Buffer.concat(chunks).toString('utf8'),
      retryAfterSeconds: readRetryAfter(header('retry-after'), Temporal.Now.instant()),
    };
  };
  return {
    post: (path, document) => call('POST', path, document),
    getTrust: () => call('GET', trustPath),
    close: () => dispatcher.destroy(),
  };
}

function createDispatcher(ca: string[], proxyUrl: string | null, timeout: number): Dispatcher {
  const limits = { headersTimeout: timeout, bodyTimeout: timeout };
  if (proxyUrl !== null) {
    const proxy = new URL(proxyUrl);
    const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    const token =
      proxy.username === '' ? {} : { token: `Basic ${Buffer.from(credentials).toString('base64')}` };
    return new ProxyAgent({
      uri: proxy.origin,
      ...token,
      ...limits,
      requestTls: { ca, timeout },
      proxyTls: { ca, timeout },
    });
  }
  return new Connections({ ...limits, connect: { ca, timeout } });
}

function authoritiesOf(caFile: string | null): string[] {
  if (caFile === null) return [...getCACertificates('default'), ...getCACertificates('system')];
  try {
    const pem = readFileSync(caFile, 'utf8');
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it holds no certificate in PEM');
    return [pem];
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new AgentError('certificate-file-unusable', `The CA file ${caFile} cannot be used: ${detail}`);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
