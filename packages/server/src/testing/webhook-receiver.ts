import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What came to a receiver of webhooks. */
export interface ReceivedWebhook {
  path: string;
  headers: Record<string, string>;
  body: string;
  /** The body, read. */
  message: { type: string; timestamp: string; data: Record<string, unknown> };
}

export interface WebhookReceiver {
  /** `http://127.0.0.1:…/in`; the path is free to choose. */
  url: string;
  received: ReceivedWebhook[];
  /** How many requests are being answered at the moment, and how many there were at most. */
  underWay: { now: number; most: number };
  /** Answers the next requests like this; 204 without a body at first. */
  answer(with_: RequestListener): void;
  close(): Promise<void>;
}

/** A real HTTP server on a free port of this machine, which keeps what it gets. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  let listener: RequestListener = (_, response) => response.writeHead(204).end();
  const received: ReceivedWebhook[] = [];
  const underWay = { now: 0, most: 0 };
  const server = createServer(async (request, response) => {
    underWay.now += 1;
    underWay.most = Math.max(underWay.most, underWay.now);
    response.on('close', () => {
      underWay.now -= 1;
    });
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces).toString();
    const headers = request.headers as Record<string, string>;
    received.push({ path: request.url ?? '', headers, body, message: JSON.parse(body) });
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    received,
    underWay,
    answer(with_) {
      listener = with_;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
