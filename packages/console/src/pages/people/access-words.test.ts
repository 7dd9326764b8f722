import { describe, expect, test } from 'vitest';
import { type Grant, grantInWords, rightsOf, scopeInWords } from './access-words.ts';

const grant = (grantId: string, role: Grant['role']): Grant => ({
  grantId,
  role,
  scope: { kind: 'account' },
  until: null,
  grantedBy: 'Ana Ruiz',
  grantedAt: '2026-11-22T12:00:00Z',
  group: null,
  soldBy: null,
});

describe('where rights come from', () => {
  test('what two roles both allow names both, what one allows names that one', () => {
    const rights = rightsOf([grant('one', 'viewer'), grant('two', 'approver')]);
    const sourceOf = (action: string) =>
      rights
        .find(({ actions }) => (actions as string[]).includes(action))
        ?.from.map(({ grantId }) => grantId);
    expect(sourceOf('view-events')).toEqual(['one', 'two']);
    expect(sourceOf('view-inventory')).toEqual(['one']);
    expect(sourceOf('edit-account')).toEqual(['two']);
    expect(sourceOf('move-inventory')).toBeUndefined();
  });
});

test('a virtual account that the reader does not see is not named', () => {
  const scope = {
    kind: 'virtual-accounts' as const,
    virtualAccounts: [{ virtualAccountId: 'unknown', nested: true }],
  };
  expect(scopeInWords(scope, [])).toBe('a virtual account you do not see with all in it');
});

test('a grant by a group names the group', () => {
  const own = grant('one', 'viewer');
  expect(grantInWords(own, [])).toBe('Viewer in the whole account');
  expect(grantInWords({ ...own, group: { groupId: 'g', name: 'Night shift' } }, [])).toBe(
    'Viewer in the whole account, by the group Night shift',
  );
});
