import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { afterEach, expect, inject, test } from 'vitest';
import { checkExternalDatabase } from './external-database.ts';

const quiet = { info: () => undefined };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test('a database that is new enough is accepted', async () => {
  await checkExternalDatabase(inject('databaseUrl'), quiet);
});

test('a wrong password is told without showing it', async () => {
  const url = new URL(inject('databaseUrl'));
  url.password = 'hunter2';
  const refused = checkExternalDatabase(url.href, quiet);
  await expect(refused).rejects.toThrow(/cannot be used: password authentication failed.*Check DATABASE_URL/);
  await expect(refused).rejects.not.toThrow('hunter2');
});

test('a database that is not there is waited for, and then told', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const port = portOf(probe);
  probe.close();
  await expect(
    checkExternalDatabase(`postgres://u:hunter2@127.0.0.1:${port}/licenses`, quiet, 50),
  ).rejects.toThrow(`The database 127.0.0.1:${port}/licenses cannot be used: connect ECONNREFUSED`);
});

test('a database that breaks off while it starts is waited for', async () => {
  const target = new URL(inject('databaseUrl'));
  const socket = `${target.searchParams.get('host')}/.s.PGSQL.${target.searchParams.get('port')}`;
  let refused = 0;
  const line = createServer((near) => {
    refused += 1;
    if (refused < 4) return near.destroy();
    const far = connect(socket);
    far.on('error', () => near.destroy());
    near.on('error', () => far.destroy());
    return near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  servers.push(line);
  await once(line, 'listening');
  target.search = '';
  target.host = `127.0.0.1:${portOf(line)}`;
  await checkExternalDatabase(target.href, quiet);
  expect(refused).toBe(4);
});

test('an old PostgreSQL is refused with both versions', async () => {
  const port = await pretendPostgres('140012');
  await expect(checkExternalDatabase(`postgres://u@127.0.0.1:${port}/x`, quiet)).rejects.toThrow(
    'is PostgreSQL 14; Estover needs 15 or newer',
  );
});

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

/** A server that lets everybody in and answers every query with one text (PostgreSQL's wire protocol, version 3). */
async function pretendPostgres(answer: string): Promise<number> {
  const message = (kind: string, ...parts: Buffer[]) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(4 + parts.reduce((sum, part) => sum + part.length, 0));
    return Buffer.concat([Buffer.from(kind), length, ...parts]);
  };
  const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);
  const int32 = (value: number) => Buffer.concat([int16(value >> 16), int16(value & 65_535)]);
  const ready = message('Z', Buffer.from('I'));
  const column = Buffer.concat([
    Buffer.from('version\0'),
    int32(0),
    int16(0),
    int32(25),
    int16(-1),
    int32(-1),
    int16(0),
  ]);
  const row = Buffer.concat([int32(answer.length), Buffer.from(answer)]);
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', int32(0)), ready]));
      socket.on('data', (asked) => {
        if (asked[0] !== 'Q'.charCodeAt(0)) return socket.end();
        const answered = [
          message('T', int16(1), column),
          message('D', int16(1), row),
          message('C', Buffer.from('SELECT 1\0')),
        ];
        return socket.write(Buffer.concat([...answered, ready]));
      });
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return portOf(server);
}
