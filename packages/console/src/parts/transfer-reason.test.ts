import type { Grant } from '@estover/domain/access';
import { expect, test } from 'vitest';
import { movableIn, reasonAgainstTransfer } from './transfer-reason.ts';

type Right = Pick<Grant, 'role' | 'scope'>;

const place = (virtualAccountId: string, parentId: string | null, path: string[]) => ({
  virtualAccountId,
  parentId,
  path,
  isDefault: virtualAccountId === 'default',
});
const tree = [
  place('default', null, ['Default']),
  place('emea', null, ['EMEA']),
  place('lyon', 'emea', ['EMEA', 'Lyon']),
];
const user = (virtualAccountId: string, nested: boolean): Right => ({
  role: 'virtual-account-user',
  scope: { kind: 'virtual-accounts', virtualAccounts: [{ virtualAccountId, nested }] },
});
const everywhere: Right = { role: 'account-user', scope: { kind: 'account' } };

test('who reaches one virtual account alone is told that a transfer needs two', () => {
  expect(movableIn([user('lyon', true)], tree).map((one) => one.virtualAccountId)).toEqual(['lyon']);
  expect(reasonAgainstTransfer([user('lyon', true)], tree)).toContain('EMEA / Lyon alone');
  expect(reasonAgainstTransfer([user('emea', false)], tree)).toContain('EMEA alone');
});

test('two are enough, by nesting, by two grants or by the whole account', () => {
  expect(movableIn([user('emea', true)], tree)).toHaveLength(2);
  expect(reasonAgainstTransfer([user('emea', true)], tree)).toBeNull();
  expect(reasonAgainstTransfer([user('emea', false), user('lyon', false)], tree)).toBeNull();
  expect(reasonAgainstTransfer([everywhere], tree)).toBeNull();
});

test('an account with one virtual account needs another one first', () => {
  expect(reasonAgainstTransfer([everywhere], tree.slice(0, 1))).toContain('Create another one');
  expect(reasonAgainstTransfer([everywhere], [])).toBeNull();
});
