import { describe, expect, it } from 'vitest';
import { accountSupportInWords, minutesInWords, type SupportAccess, timeInWords } from './support-words.ts';

const access = (more: Partial<SupportAccess>): SupportAccess => ({
  accessId: '1',
  accountId: '1',
  accountName: 'Northwind',
  staff: { personId: '1', name: 'Ola Berg' },
  mode: 'read',
  reason: 'A shortage',
  caseNumber: '123',
  minutes: 60,
  state: 'open',
  askedAt: '2026-11-22T12:00:00Z',
  begunAt: '2026-11-22T12:00:00Z',
  endsAt: '2026-11-22T13:00:00Z',
  endedAt: null,
  endedHow: null,
  decidedBy: null,
  reads: 0,
  ...more,
});

describe('the sentence above the account', () => {
  it('says who is in it and who waits, or that nobody is', () => {
    const asked = access({ state: 'asked' });
    expect(accountSupportInWords([access({}), asked], 'ask')).toBe(
      '1 question of support waits for an answer. Somebody of the publisher is in this account now.',
    );
    expect(accountSupportInWords([access({}), access({}), asked, asked], 'ask')).toBe(
      '2 questions of support wait for an answer. 2 people of the publisher are in this account now.',
    );
    expect(accountSupportInWords([access({ state: 'ended' })], 'notice')).toBe(
      'Nobody of the publisher is in this account.',
    );
    expect(accountSupportInWords([], 'forbidden')).toBe('Nobody of the publisher may open this account.');
  });
});

it('says when an access ends, or why it has', () => {
  expect(timeInWords(access({}))).toMatch(/^until /);
  expect(timeInWords(access({ state: 'asked' }))).toMatch(/^waits until /);
  const over = { state: 'ended', endsAt: null, endedAt: '2026-11-22T12:40:00Z' } as const;
  expect(timeInWords(access({ ...over, endedHow: 'customer' }))).toMatch(/: ended by the customer$/);
  expect(timeInWords(access({ ...over, endedHow: 'setting' }))).toMatch(/: support was forbidden$/);
});

it('says hours where they are whole', () => {
  expect([15, 60, 90, 480].map(minutesInWords)).toEqual(['15 minutes', '1 hour', '90 minutes', '8 hours']);
});
