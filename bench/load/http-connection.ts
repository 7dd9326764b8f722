import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What came back for one request. The body is a copy only when it was asked for. */
export interface Reply {
  readonly status: number;
  readonly body: Buffer | undefined;
}

/**
 * One kept-alive HTTP/1.1 connection with one request on its way at a time, as cheap as it gets: the request is bytes
 * made beforehand, and of the answer only the status and the length are read.
 */
export interface HttpConnection {
  /** Sends a request; `onReply` is called once. */
  send(request: Uint8Array, wantsBody: boolean): void;
  close(): void;
}

/** Bytes read at once. Answers are about 1 kB; longer ones are put together. */
const READ_SIZE = 16_384;
/** No server here sends longer headers. */
const LONGEST_HEAD = 4_096;

export async function openConnection(
  target: { readonly host: string; readonly port: number },
  onReply: (reply: Reply) => void,
  onLost: (reason: string) => void,
): Promise<HttpConnection> {
  let partial: Buffer | undefined;
  let waiting = false;
  let wantsBody = false;
  let closed = false;

  const take = (chunk: Buffer): void => {
    const received = partial === undefined ? chunk : Buffer.concat([partial, chunk]);
    const head = received.toString('latin1', 0, Math.min(received.length, LONGEST_HEAD));
    const headEnd = head.indexOf('\r\n\r\n');
    const length = headEnd < 0 ? undefined : contentLength(head.slice(0, headEnd + 2));
    if (headEnd < 0 && received.length >= LONGEST_HEAD) {
      lose('an answer with a head that does not end');
      return;
    }
    if (headEnd >= 0 && length === undefined) {
      lose('an answer without a content-length');
      return;
    }
    const end = headEnd + 4 + (length ?? 0);
    if (headEnd < 0 || received.length < end) {
      // The chunk lies in the buffer that the next read fills again.
      partial = Buffer.from(received);
      return;
    }
    if (received.length > end || !waiting) {
      lose('more than the answer came');
      return;
    }
    partial = undefined;
    waiting = false;
    const status = Number(head.slice(9, 12));
    const body = wantsBody || status > 299 ? Buffer.from(received.subarray(headEnd + 4, end)) : undefined;
    onReply({ status, body });
  };
  const lose = (reason: string): void => {
    if (closed) return;
    closed = true;
    socket.destroy();
    onLost(reason);
  };

  const socket: Socket = connect({
    ...target,
    noDelay: true,
    onread: {
      buffer: Buffer.alloc(READ_SIZE),
      callback: (count, buffer) => {
        take(Buffer.from(buffer.buffer, buffer.byteOffset, count));
        return true;
      },
    },
  });
  await once(socket, 'connect');
  socket.on('error', (error) => lose(error.message));
  socket.on('close', () => lose('the connection was closed'));

  return {
    send(request, body) {
      waiting = true;
      wantsBody = body;
      socket.write(request);
    },
    close() {
      closed = true;
      socket.destroy();
    },
  };
}

function contentLength(head: string): number | undefined {
  const found = /\r\ncontent-length: *(\d+)\r\n/i.exec(head);
  return found === null ? undefined : Number(found[1]);
}
