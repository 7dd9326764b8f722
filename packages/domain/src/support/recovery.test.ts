import { expect, it } from 'vitest';
import { isAddressOfAccount, recoveryMayBecome, recoveryStates } from './recovery.ts';

it.each([
  ['ana@northwind.example', 'northwind.example', true],
  [' ANA@Northwind.Example ', 'northwind.example', true],
  ['ana@Bücher.example', 'xn--bcher-kva.example', true],
  ['ana@evil-northwind.example', 'northwind.example', false],
  ['ana@northwind.example.evil.example', 'northwind.example', false],
  ['ana@mail.northwind.example', 'northwind.example', false],
  ['ana@gmail.com', 'ana@gmail.com', true],
  ['eve@gmail.com', 'ana@gmail.com', false],
])('%s belongs to the account %s: %s', (email, identifier, belongs) => {
  expect(isAddressOfAccount(email, identifier)).toBe(belongs);
});

it('is over once it is done, declined, cancelled or expired', () => {
  const ways = recoveryStates.flatMap((from) =>
    recoveryStates.filter((to) => recoveryMayBecome(from, to)).map((to) => `${from} → ${to}`),
  );
  expect(ways).toEqual([
    'asked → waiting',
    'asked → done',
    'asked → declined',
    'asked → expired',
    'waiting → done',
    'waiting → declined',
    'waiting → cancelled',
  ]);
});
