import { randomUUIDv7 } from 'node:crypto';
import {
  createVirtualAccount,
  downloadEventChain,
  downloadEvents,
  getEventHead,
  listEvents,
  updateAccount,
} from '@estover/protocol';
import { generateKeyPair, signDocument } from '@estover/protocol/signing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rotateSigningKey } from '../installation/index.ts';
import {
  fetchTrust,
  refusal,
  type SeededAccount,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import type { HeadKey } from './rewritten-events.ts';
import { sealEvents } from './seal-events-job.ts';
import { ChainFileError, verifyChainFile } from './verify-chain-file.ts';

let server: TestServer;
let account: SeededAccount;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  account = await server.account(`Northwind ${randomUUIDv7()}`);
});

const seal = () => sealEvents(server.db, server.clock.now());

/** So many changes of the account, each of which is an event. */
async function change(times: number): Promise<void> {
  for (let each = 0; each < times; each++) {
    await account.administrator.call(updateAccount, {
      params: { accountId: account.accountId },
      body: { name: `Name ${randomUUIDv7()}, "quoted" and ñ\u2028` },
    });
  }
}

const download = () =>
  account.administrator.call(downloadEventChain, { params: { accountId: account.accountId } });

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n');
}
const verify = (text: string, options: Parameters<typeof verifyChainFile>[1] = {}) =>
  verifyChainFile(linesOf(text), options);
const trustedKeys = async (): Promise<HeadKey[]> => (await fetchTrust(server.address)).signingKeys.keys;

describe('the file of a chain', () => {
  it('holds by itself: every event, every batch, and a head that the installation signed', async () => {
    await change(3);
    await seal();
    await change(2);
    await seal();
    await change(1);
    const file = await download();
    const report = await verify(file, { trusted: await trustedKeys() });
    // Making the account was an event as well.
    expect(report).toMatchObject({
      accountId: account.accountId,
      batches: 2,
      events: 6,
      unsealed: 1,
      fault: null,
      isTrusted: true,
    });
    const { head } = await account.administrator.call(getEventHead, {
      params: { accountId: account.accountId },
    });
    expect(report.head).toEqual({ batchNumber: 2, hash: head?.hash });
    expect(file.trim().split('\n').at(-1)).toContain(head?.document.split('.')[0]);
    await seal();
    expect((await verify(await download(), { keptHead: report.head ?? undefined })).fault).toBeNull();
  });

  it('is empty and right before the first events are sealed', async () => {
    const report = await verify(await download());
    expect(report).toMatchObject({
      batches: 0,
      events: 0,
      unsealed: 1,
      head: null,
      signedBy: null,
      fault: null,
    });
    expect(
      await account.administrator.call(getEventHead, { params: { accountId: account.accountId } }),
    ).toEqual({ head: null, unsealed: 1 });
  });

  it('holds over a change of the signing key', async () => {
    await change(1);
    await seal();
    await rotateSigningKey(server.db, server.installation, server.clock.now());
    server.installation.signingKeys.forget();
    expect(await verify(await download(), { trusted: await trustedKeys() })).toMatchObject({
      fault: null,
      isTrusted: true,
    });
  });

  it('shows every change: of an event, of their order, one too few, one too many, a cut', async () => {
    await change(4);
    await seal();
    await change(2);
    await seal();
    const lines = (await download()).trim().split('\n');
    const at = (kind: string, nth = 0) =>
      lines.flatMap((line, index) => (line.includes(`"kind":"${kind}"`) ? [index] : []))[nth] as number;
    const changed = (work: (copy: string[]) => void): string => {
      const copy = [...lines];
      work(copy);
      return copy.join('\n');
    };
    const faultOf = async (work: (copy: string[]) => void) => (await verify(changed(work))).fault?.what;
    const [first, last] = [at('event', 0), at('event', 6)];
    expect(
      await faultOf((copy) => (copy[first] = (copy[first] as string).replace('made the', 'made a'))),
    ).toBe('its hash does not fit its events');
    expect(await faultOf((copy) => copy.splice(first, 1))).toBe('it was sealed with 5 events and has 4');
    expect(await faultOf((copy) => copy.splice(first, 0, copy[first] as string))).toBe(
      'it was sealed with 5 events and has 6',
    );
    expect(
      await faultOf((copy) => {
        [copy[first], copy[first + 1]] = [copy[first + 1] as string, copy[first] as string];
      }),
    ).toBe('its hash does not fit its events');
    expect(await faultOf((copy) => copy.splice(last, 1))).toBe('it was sealed with 2 events and has 1');
    expect(await faultOf((copy) => copy.splice(at('batch', 1)))).toBe(
      'the file ends before its signed head: it was cut off',
    );
    // The whole second batch taken away, with the head of the longer chain left behind.
    expect(await faultOf((copy) => copy.splice(at('batch', 1), 3))).toBe(
      'the signed head is one of another chain',
    );
    expect(await faultOf((copy) => copy.splice(at('batch', 0), 6))).toBe(
      'batch 1 is missing before this one',
    );
    await expect(verify(changed((copy) => copy.splice(0, 1)))).rejects.toThrow(ChainFileError);
    await expect(verify(changed((copy) => (copy[first] = '{')))).rejects.toThrow(/Line 3 is not JSON/);
    await expect(verify('')).rejects.toThrow('The file is empty.');
    await expect(verify(changed((copy) => copy.push(copy[first] as string)))).rejects.toThrow(
      'after the head',
    );
  });

  it('is never taken with any letter of it changed', async () => {
    await change(3);
    await seal();
    const file = await download();
    const trusted = await trustedKeys();
    const original = JSON.stringify({
      ...(await verify(file, { trusted })),
      accountName: '',
      writtenAt: '',
      unsealed: 0,
    });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: file.length - 1 }), fc.integer({ min: 1, max: 126 }), async (at, by) => {
        const letter = String.fromCharCode(((file.charCodeAt(at) + by) % 95) + 32);
        fc.pre(letter !== file[at]);
        const changed = file.slice(0, at) + letter + file.slice(at + 1);
        const report = await verify(changed, { trusted }).catch((error: unknown) => {
          if (error instanceof ChainFileError) return undefined;
          throw error;
        });
        if (report === undefined || report.fault !== null || report.isTrusted !== true) return;
        // What is not hashed says nothing of the events: the name, the time of writing, the keys that came along.
        const read = JSON.stringify({ ...report, accountName: '', writtenAt: '', unsealed: 0 });
        expect(read).toBe(original);
        const eventsIn = (text: string) => text.split('\n').filter((line) => line.includes('"kind":"event"'));
        const meaning = (text: string) => eventsIn(text).map((line) => JSON.parse(line) as unknown);
        expect(meaning(changed)).toEqual(meaning(file));
      }),
      { numRuns: 400 },
    );
  });

  it('is not trusted when somebody else wrote a chain of their own and signed it', async () => {
    await change(1);
    await seal();
    const lines = (await download()).trim().split('\n');
    const forger = generateKeyPair();
    const head = JSON.parse(lines.at(-1) as string) as { document: string; keys: HeadKey[] };
    const payload = JSON.parse(
      Buffer.from(head.document.split('.')[1] as string, 'base64url').toString(),
    ) as object;
    const jwk = forger.publicKey.export({ format: 'jwk' });
    const document = signDocument(
      payload,
      { type: 'estover-event-head+jws', keyId: 'forged' },
      forger.privateKey,
    );
    const forged = [
      ...lines.slice(0, -1),
      JSON.stringify({ ...head, document, keys: [{ ...jwk, kid: 'forged' }] }),
    ];
    const report = await verify(forged.join('\n'), { trusted: await trustedKeys() });
    expect(report).toMatchObject({ fault: null, signedBy: 'forged', isTrusted: false });
    // Nor with the name of a key that is trusted.
    const [trusted] = await trustedKeys();
    const named = signDocument(
      payload,
      { type: 'estover-event-head+jws', keyId: trusted?.kid ?? '' },
      forger.privateKey,
    );
    const other = [
      ...lines.slice(0, -1),
      JSON.stringify({ ...head, document: named, keys: [{ ...jwk, kid: trusted?.kid }] }),
    ];
    expect((await verify(other.join('\n'), { trusted: await trustedKeys() })).fault?.what).toContain(
      'the signature of the head is wrong',
    );
  });

  it('is for those who see all events', async () => {
    const params = { accountId: account.accountId };
    const [id] = Object.values(await server.virtualAccounts(account, 'Lyon'));
    const scope = {
      kind: 'virtual-accounts' as const,
      virtualAccounts: [{ virtualAccountId: id as string, nested: true }],
    };
    const some = server.client(await server.keyOf(account.accountId, 'virtual-account-administrator', scope));
    for (const operation of [downloadEventChain, getEventHead] as const) {
      expect((await refusal(some.call(operation, { params }))).code).toBe('not-allowed');
      expect((await refusal(server.operator.call(operation, { params }))).code).toBe('not-found');
    }
    const viewer = server.client(await server.keyOf(account.accountId, 'viewer'));
    expect((await refusal(viewer.call(downloadEventChain, { params }))).code).toBe('not-allowed');
    const approver = server.client(await server.keyOf(account.accountId, 'approver'));
    expect((await approver.call(getEventHead, { params })).unsealed).toBeGreaterThan(0);
  });
});

describe('events as a file', () => {
  it('are those of the list with the same filters, all of them, as NDJSON and as CSV', async () => {
    const params = { accountId: account.accountId };
    await change(3);
    await account.administrator.call(createVirtualAccount, { params, body: { name: '=HYPERLINK("x")' } });
    const query = { operation: 'updateAccount' };
    const { items } = await account.administrator.call(listEvents, { params, query });
    const text = await account.administrator.call(downloadEvents, { params, query });
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(items);
    const csv = await account.administrator.call(downloadEvents, { params, query: { format: 'csv' } });
    expect(csv.split('\r\n')[0]).toBe(
      'When (UTC),By,Kind of actor,On behalf of,Operation,Event,Kind of object,Object,Virtual account,Before,After,From,Request,Batch,Event id',
    );
    expect(csv).toContain(',createVirtualAccount,');
    expect(csv).not.toMatch(/,"?=HYPERLINK/);
  });

  it('of an account with more events than are read at once are all there, once each', async () => {
    const params = { accountId: account.accountId };
    const lines = 2_345;
    await server.db
      .insertInto('events')
      .values(
        Array.from({ length: lines }, (_, index) => ({
          account_id: account.accountId,
          event_id: randomUUIDv7(),
          // Many at one instant, so that the pages have to go by their ids as well.
          at: server.clock.now().subtract({ seconds: Math.floor(index / 700) }),
          actor_kind: 'system',
          actor_id: null,
          actor_name: 'Estover',
          operation: 'test',
          message: `m${index}`,
          object_kind: 'x',
          object_id: 'x',
          virtual_account_id: null,
          other_virtual_account_id: null,
          before: null,
          after: null,
          from_address: null,
          request_id: null,
          batch_number: null,
          hash: null,
        })),
      )
      .execute();
    const text = await account.administrator.call(downloadEvents, { params, query: { operation: 'test' } });
    const messages = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { message: string }).message);
    expect(new Set(messages).size).toBe(lines);
    expect(messages).toHaveLength(lines);
  });
});
