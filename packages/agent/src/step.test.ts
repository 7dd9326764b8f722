import { describe, expect, it } from 'vitest';
import { type AgentState, initialState } from './state.ts';
import { type AgentInput, step } from './step.ts';

const at = Temporal.Instant.from('2026-11-22T12:00:00Z');
const context = { at, random: () => 0.5 };
const identity = { productId: 'RT-100', serialNumber: 'SN0001' };

function run(state: AgentState, ...inputs: AgentInput[]): AgentState {
  return inputs.reduce((before, input) => step(before, input, context).state, state);
}

const message = {
  kind: 'authorize' as const,
  messageId: '0193c5a0-0000-7000-8000-00000000a001',
  sequence: 3,
  document: 'a.b.c',
  nextAttemptAt: at.toString(),
  newPrivateKey: null,
  usage: [],
};
const registered: AgentState = {
  ...run(initialState, { kind: 'identify', identity }),
  registration: 'registered',
  credentials: {
    accountId: 'a',
    instanceId: 'i',
    privateKey: 'k',
    certificate: 'c',
    chain: [],
    certificateSerial: '4f',
    expiresAt: '2027-11-22T12:00:00Z',
  },
  contact: { last: null, nextAt: '2026-12-22T12:00:00Z', deadlineAt: '2027-02-20T12:00:00Z' },
  lastSequence: 3,
  outgoing: message,
};

describe('a step', () => {
  it('is a pure function: it leaves its input alone and repeats', () => {
    const frozen = JSON.stringify(registered);
    const input: AgentInput = { kind: 'use', tag: 'A', count: 2 };
    expect(step(registered, input, context)).toEqual(step(registered, input, context));
    expect(JSON.stringify(registered)).toBe(frozen);
  });

  it.each<[string, AgentInput]>([
    [
      'an answer',
      {
        kind: 'answered',
        messageId: 'another',
        answer: {
          to: 'authorize',
          value: {
            messageId: message.messageId,
            accountId: message.messageId,
            instanceId: message.messageId,
            answeredAt: at.toString(),
            lastSequence: 99,
            authorization: {
              state: 'authorized',
              licenses: [],
              nextContactSeconds: 60,
              deadlineAt: '2027-02-20T12:00:00Z',
            },
          },
        },
      },
    ],
    [
      'a proven removal',
      {
        kind: 'refused',
        messageId: 'another',
        refusal: { code: 'instance-removed', detail: 'd', proven: true },
      },
    ],
    ['a failure', { kind: 'unanswered', messageId: 'another', silence: { reason: 'r' } }],
  ])('ignores %s that belongs to another message', (_, input) => {
    expect(step(registered, input, context)).toEqual({ state: registered, notices: [], refusal: undefined });
  });

  it('changes nothing when it refuses', () => {
    const result = step(initialState, { kind: 'register', token: 't', force: true }, context);
    expect(result).toMatchObject({ state: initialState, refusal: { code: 'not-identified' } });
  });

  it('refuses the 201st license', () => {
    const inputs = Array.from(
      { length: 200 },
      (_, index): AgentInput => ({ kind: 'use', tag: `T${index}`, count: 1 }),
    );
    const full = run(registered, ...inputs);
    expect(full.use).toHaveLength(200);
    expect(step(full, { kind: 'use', tag: 'one more', count: 1 }, context).refusal?.code).toBe(
      'too-many-tags',
    );
    expect(step(full, { kind: 'use', tag: 'T7', count: 9 }, context).refusal).toBeUndefined();
  });

  it('moves the sequence number only on a proven word of the server', () => {
    const refusal = { code: 'sequence-regressed' as const, detail: 'd', lastSequence: 50 };
    const { messageId } = message;
    const unproven = run(registered, { kind: 'refused', messageId, refusal: { ...refusal, proven: false } });
    expect(unproven).toMatchObject({ lastSequence: 3, outgoing: { document: 'a.b.c' }, reportDue: false });
    const proven = run(registered, { kind: 'refused', messageId, refusal: { ...refusal, proven: true } });
    expect(proven).toMatchObject({ lastSequence: 50, outgoing: null, reportDue: true });
  });

  it.each(['instance-unknown', 'certificate-unknown', 'account-not-active', 'signature-invalid'] as const)(
    'keeps its registration on %s and comes back within 12 hours',
    (code) => {
      const { messageId } = message;
      const state = run(registered, {
        kind: 'refused',
        messageId,
        refusal: { code, detail: 'd', proven: true },
      });
      expect(state).toMatchObject({ registration: 'registered', outgoing: null });
      const nextAt = Temporal.Instant.from(state.contact.nextAt ?? '');
      expect(nextAt.since(at).total('hours')).toBeLessThanOrEqual(12);
      expect(nextAt.since(at).total('hours')).toBeGreaterThan(11);
    },
  );
});

describe('after the server was restored', () => {
  const { messageId } = message;
  const told: AgentState = { ...registered, epoch: 7 };
  const refused = (code: 'instance-unknown' | 'certificate-unknown', proven: boolean, epoch?: number) =>
    step(told, { kind: 'refused', messageId, refusal: { code, detail: 'd', proven, epoch } }, context);

  it.each(['instance-unknown', 'certificate-unknown'] as const)(
    'gives up its registration on %s, proven by a later epoch alone, and says what to do',
    (code) => {
      for (const result of [
        refused(code, true, 7),
        refused(code, true, 6),
        refused(code, true),
        refused(code, false, 8),
      ]) {
        expect(result.state).toMatchObject({ registration: 'registered', credentials: told.credentials });
      }
      const { state, notices } = refused(code, true, 8);
      expect(state).toMatchObject({
        registration: 'unregistered',
        credentials: null,
        epoch: 8,
        outgoing: null,
      });
      expect(notices.map(({ text }) => text)).toEqual([
        'The server was restored from a backup (epoch 7 -> 8); what is in use is told again',
        'The server was restored from a backup that does not know this registration (d); use force, because it may know an earlier one. Register it again with a token.',
        'Registration: registered -> unregistered',
      ]);
      expect(step(state, { kind: 'deregister' }, context).refusal?.detail).toContain('Register it again');
    },
  );

  it('never takes a proof of an epoch for one when it was told none before', () => {
    const refusal = { code: 'instance-unknown' as const, detail: 'd', proven: true, epoch: 8 };
    const { state } = step(registered, { kind: 'refused', messageId, refusal }, context);
    expect(state).toMatchObject({ registration: 'registered', epoch: 8 });
  });

  const common = {
    messageId,
    accountId: messageId,
    instanceId: messageId,
    answeredAt: at.toString(),
    lastSequence: 2,
  };
  const authorized = (epoch?: number): AgentInput => ({
    kind: 'answered',
    messageId,
    answer: {
      to: 'authorize',
      value: {
        ...common,
        ...(epoch === undefined ? {} : { epoch }),
        authorization: {
          state: 'no-licenses-in-use',
          licenses: [],
          nextContactSeconds: 60,
          deadlineAt: '2027-02-20T12:00:00Z',
        },
      },
    },
  });

  it('keeps the epoch of an answer, and its own sequence where the server knows less', () => {
    const { state, notices } = step(told, authorized(8), context);
    expect(state).toMatchObject({ epoch: 8, lastSequence: 3, reportDue: false });
    expect(notices.map(({ name }) => name)).toContain('server-restored');
    const back = step({ ...told, epoch: 9 }, authorized(8), context);
    expect(back.state.epoch).toBe(8);
    expect(back.notices[0]?.text).toContain('set back');
  });

  it('says nothing of an epoch that stays, that is the first, or that is not told', () => {
    expect(step(told, authorized(7), context).notices).toEqual([]);
    expect(step(registered, authorized(7), context)).toMatchObject({ state: { epoch: 7 }, notices: [] });
    expect(step(told, authorized(), context)).toMatchObject({ state: { epoch: 7 }, notices: [] });
  });
});
