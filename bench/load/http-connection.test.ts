import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openConnection, type Reply } from './http-connection.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** A server that answers every request with the given pieces, each in a packet of its own. */
async function answering(pieces: readonly string[], then: (socket: Socket) => void = () => {}) {
  server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      then(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const replies: Reply[] = [];
  const lost: string[] = [];
  const waiting: (() => void)[] = [];
  const wake = () => waiting.shift()?.();
  const connection = await openConnection(
    { host: '127.0.0.1', port },
    (reply) => {
      replies.push(reply);
      wake();
    },
    (reason) => {
      lost.push(reason);
      wake();
    },
  );
  return {
    replies,
    lost,
    connection,
    async send(wantsBody = true) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      connection.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'), wantsBody);
      await promise;
    },
  };
}

test('reads one answer after the other, however they are cut', async () => {
  const pieces = ['HTTP/1.1 20', '0 OK\r\nContent-Le', 'ngth: 10\r\nX: y\r\n\r', '\n01234', '56789'];
  const { send, replies, lost, connection } = await answering(pieces);
  await send();
  await send();
  expect(replies.map(({ status, body }) => [status, body?.toString()])).toEqual([
    [200, '0123456789'],
    [200, '0123456789'],
  ]);
  expect(lost).toEqual([]);
  connection.close();
});

test('keeps a body only where it was asked for, or where the answer is no success', async () => {
  const good = await answering(['HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok']);
  await good.send(false);
  expect(good.replies).toEqual([{ status: 200, body: undefined }]);
  good.connection.close();
  server?.close();
  const bad = await answering(['HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy']);
  await bad.send(false);
  expect(bad.replies.map(({ status, body }) => [status, body?.toString()])).toEqual([[503, 'busy']]);
  bad.connection.close();
});

test.each([
  ['that ends early', ['HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'], 'the connection was closed'],
  ['without a length', ['HTTP/1.1 200 OK\r\n\r\n'], 'an answer without a content-length'],
  ['followed by another', ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\naHTTP'], 'more than the answer came'],
])('an answer %s is no answer: the connection is lost, once, and says why', async (_, pieces, reason) => {
  const { send, replies, lost } = await answering(pieces, (socket) => socket.end());
  await send();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(replies).toEqual([]);
  expect(lost).toEqual([reason]);
});
