import { describe, expect, it } from 'vitest';
import { accountStatuses, becomeStatus, closeAccount, isOverAccount, standingOf } from './account-status.ts';

const nothing = { licenses: 0, productInstances: 0, tokens: 0, openOrderLines: 0, openRequests: 0 };

describe('the status of an account', () => {
  it('says what goes on in it', () => {
    const lines = accountStatuses.map((status) => {
      const { next, ...goesOn } = standingOf[status];
      const words = Object.entries(goesOn).flatMap(([what, does]) => (does ? [what] : []));
      return `${status}: ${words.join(' ')} → ${next.join(' ')}`.trim();
    });
    expect(lines).toEqual([
      'pending: takesOrders →',
      'active: changes answersProducts takesOrders delivers → suspended closed',
      'suspended: takesOrders → active',
      'closed:  →',
      'merged:  →',
    ]);
  });

  it('is over once it is closed or merged', () => {
    expect(accountStatuses.filter(isOverAccount)).toEqual(['closed', 'merged']);
  });

  it('changes as the lifecycle says', () => {
    expect(becomeStatus('active', 'suspended')).toEqual({ ok: true, value: 'suspended' });
    expect(becomeStatus('suspended', 'active')).toEqual({ ok: true, value: 'active' });
    expect(becomeStatus('closed', 'active')).toEqual({
      ok: false,
      code: 'account-status',
      status: 'closed',
    });
  });
});

describe('closing', () => {
  it('takes an active account that holds nothing', () => {
    expect(closeAccount('active', nothing)).toEqual({ ok: true, value: 'closed' });
  });

  it.each(Object.keys(nothing))('is refused while there are %s', (what) => {
    const contents = { ...nothing, [what]: 2 };
    expect(closeAccount('active', contents)).toEqual({ ok: false, code: 'account-not-empty', ...contents });
  });

  it.each(['pending', 'suspended', 'closed'] as const)('is refused to one that is %s', (status) => {
    expect(closeAccount(status, nothing)).toEqual({ ok: false, code: 'account-status', status });
  });
});
