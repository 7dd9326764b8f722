import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  isInNetworks,
  isPublicAddress,
  type Network,
  OutboundError,
  outboundFetch,
  readNetworks,
} from './index.ts';

describe('public addresses', () => {
  it.each(['8.8.8.8', '1.1.1.1', '::ffff:8.8.8.8', '2606:4700:4700::1111', '2a00:1450::1'])(
    '%s is one',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '4000::1',
    'localhost',
    '2130706433x',
    '',
  ])('%s is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it('reads networks, and knows what is in them', () => {
    const networks = readNetworks('10.1.0.0/16, 127.0.0.1,fd00::/8') as Network[];
    expect(
      ['10.1.2.3', '10.2.0.1', '127.0.0.1', '127.0.0.2', 'fd12::1', 'fe80::1', '::ffff:10.1.2.3', 'x'].map(
        (address) => isInNetworks(address, networks),
      ),
    ).toEqual([true, false, true, false, true, false, true, false]);
  });

  it.each(['10.0.0.0/33', 'example.com', '', '10.0.0.1,', '10.0.0.0/8 fd00::1'])(
    'reads no network from %s',
    (text) => {
      expect(readNetworks(text)).toBeUndefined();
    },
  );
});

/** A name server that knows one name. */
const resolvingTo = (...addresses: string[]) =>
  ((_host: string, _options: object, done: (error: null, found: object[]) => void) =>
    done(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    )) as unknown as NonNullable<Parameters<typeof outboundFetch>[1]['resolve']>;

describe('a request to elsewhere', () => {
  let receiver: Server;
  let answer: RequestListener;
  let asked: string[];
  let lines: number;
  const here = readNetworks('127.0.0.1') as Network[];
  const address = (host = '127.0.0.1') => `http://${host}:${(receiver.address() as AddressInfo).port}`;
  const send = (url: string, more: Partial<Parameters<typeof outboundFetch>[1]> = {}) =>
    outboundFetch(url, { method: 'POST', body: '{}', timeoutMs: 5_000, maxBytes: 64, allow: here, ...more });

  beforeEach(async () => {
    asked = [];
    lines = 0;
    answer = (_, response) => response.end('fine');
    receiver = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      answer(request, response);
    });
    receiver.on('connection', () => {
      lines += 1;
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    receiver.closeAllConnections();
    receiver.close();
  });

  it('brings the answer, with its status and headers', async () => {
    answer = (_, response) => response.writeHead(202, { 'retry-after': '7' }).end('taken');
    const got = await send(`${address()}/in`, { headers: { 'x-one': '1' } });
    expect(got).toMatchObject({ status: 202, truncated: false });
    expect(got.headers['retry-after']).toBe('7');
    expect(got.body.toString()).toBe('taken');
    expect(asked).toEqual(['POST /in']);
  });

  it('goes by a name where all that it resolves to may be reached', async () => {
    expect(
      (await send(address('localhost'), { allow: readNetworks('127.0.0.1,::1') as Network[] })).status,
    ).toBe(200);
  });

  it.each([
    ['127.0.0.1'],
    ['localhost'],
    ['2130706433'],
    ['0x7f.1'],
    ['0177.0.0.1'],
    ['127.1'],
    ['0.0.0.0'],
    ['[::1]'],
    ['[::ffff:127.0.0.1]'],
    ['169.254.169.254'],
    ['[fd00:ec2::254]'],
  ])('makes no line to %s', async (host) => {
    for (const protocol of ['http', 'https']) {
      const url = address(host).replace('http', protocol);
      const failed = await send(url, { allow: [], timeoutMs: 2_000 }).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(OutboundError);
      expect(String(failed)).toContain('not one of the public Internet');
    }
    expect(lines).toBe(0);
  });

  it('goes to those addresses of a name that may be reached, and to no others', async () => {
    const url = address('idp.example');
    const both = resolvingTo('10.0.0.1', '127.0.0.1');
    expect((await send(url, { resolve: both })).status).toBe(200);
    const inside = resolvingTo('127.0.0.1', '169.254.169.254');
    await expect(send(url, { allow: [], resolve: inside })).rejects.toThrow('not one of the public Internet');
    expect(asked).toEqual(['POST /']);
  });

  describe('by a name whose answer changes', () => {
    let trap: Server;
    let trapLines: number;
    let trapBytes: number;
    beforeEach(async () => {
      [trapLines, trapBytes] = [0, 0];
      trap = createServer((_, response) => response.end('metadata'));
      trap.on('connection', (line) => {
        trapLines += 1;
        line.on('data', (bytes: Buffer) => {
          trapBytes += bytes.length;
        });
      });
      // The same port at an address of this machine that nobody allowed.
      const { port } = receiver.address() as AddressInfo;
      await new Promise<void>((resolve) => trap.listen(port, '127.0.0.2', resolve));
    });
    afterEach(() => {
      trap.closeAllConnections();
      trap.close();
    });

    it('looks it up once for each line, and goes to where it was judged', async () => {
      let asks = 0;
      const rebinding = ((host: string, options: object, done: (...given: unknown[]) => void) => {
        asks += 1;
        const answered = resolvingTo(asks === 1 ? '127.0.0.1' : '127.0.0.2') as unknown as typeof rebinding;
        answered(host, options, done);
      }) as unknown as NonNullable<Parameters<typeof outboundFetch>[1]['resolve']> & typeof resolvingTo;
      const url = address('rebinding.example');
      expect((await send(url, { resolve: rebinding })).body.toString()).toBe('fine');
      expect(asks).toBe(1);
      await expect(send(url, { resolve: rebinding })).rejects.toThrow('127.0.0.2 is not one of the public');
      expect([asks, trapLines, asked]).toEqual([2, 0, ['POST /']]);
    });

    it('judges the address that the line has, and says nothing over one that leads elsewhere', async () => {
      let reads = 0;
      const turning = ((_host: string, _options: object, done: (error: null, found: object[]) => void) =>
        done(null, [
          {
            family: 4,
            // Allowed while it is judged, another one when the line is made.
            get address() {
              reads += 1;
              return reads <= 2 ? '127.0.0.1' : '127.0.0.2';
            },
          },
        ])) as unknown as NonNullable<Parameters<typeof outboundFetch>[1]['resolve']>;
      await expect(send(address('turning.example'), { resolve: turning })).rejects.toThrow(
        'The address 127.0.0.2 is not one of the public Internet.',
      );
      expect([trapLines, trapBytes, asked]).toEqual([1, 0, []]);
    });

    it.each(['localhost.evil', '127.0.0.1.evil', 'example.com.evil', 'evil.localhost.', 'xlocalhost'])(
      'takes %s for no name that may be reached: where it leads counts',
      async (host) => {
        const url = address(host);
        const to = (where: string) => send(url, { resolve: resolvingTo(where) });
        await expect(to('127.0.0.2')).rejects.toThrow('127.0.0.2 is not one of the public Internet');
        await expect(to('10.0.0.1')).rejects.toThrow('10.0.0.1 is not one of the public Internet');
        await expect(to('8.8.8.8')).rejects.toThrow('with https only');
        expect([trapLines, asked]).toEqual([0, []]);
      },
    );
  });

  it('speaks without TLS to the networks of the configuration alone', async () => {
    await expect(send('http://8.8.8.8/')).rejects.toThrow('with https only');
  });

  it.each(['gopher://127.0.0.1/', 'file:///etc/passwd'])('does not speak %s', async (url) => {
    await expect(send(url)).rejects.toThrow('Only http and https');
  });

  it('sends no name and password, and no header that is two', async () => {
    await expect(send(address().replace('//', '//ana:secret@'))).rejects.toThrow('is not sent');
    await expect(send(address(), { headers: { 'x-one': '1\r\nx-two: 2' } })).rejects.toThrow(OutboundError);
    expect(asked).toEqual([]);
  });

  it('follows no redirect', async () => {
    answer = (_, response) => response.writeHead(302, { location: `${address()}/elsewhere` }).end();
    expect((await send(`${address()}/in`)).status).toBe(302);
    expect(asked).toEqual(['POST /in']);
  });

  it('reads no more of an answer than is asked for, however long it is', async () => {
    answer = (_, response) => {
      response.writeHead(200);
      const more = () => {
        while (response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    };
    const got = await send(address());
    expect([got.status, got.body.length, got.truncated]).toEqual([200, 64, true]);
  });

  it('waits so long and no longer: for a line that says nothing, and for an answer that never ends', async () => {
    answer = () => {};
    await expect(send(address(), { timeoutMs: 150 })).rejects.toThrow('No whole answer came within 0.15 s.');
    answer = (_, response) => {
      response.write('x');
      const drip = setInterval(() => response.write('x'), 40);
      response.on('close', () => clearInterval(drip));
    };
    await expect(send(address(), { timeoutMs: 150 })).rejects.toThrow('No whole answer came within 0.15 s.');
  });

  it('says what went wrong', async () => {
    const url = address();
    receiver.close();
    await expect(send(url)).rejects.toThrow('Nothing listens at the address.');
    await expect(send('https://nothing.invalid/')).rejects.toThrow(OutboundError);
  });
});
