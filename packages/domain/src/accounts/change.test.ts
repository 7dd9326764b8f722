import { expect, it } from 'vitest';
import { changeVirtualAccount, type Properties } from './change.ts';

const plain: Properties = { name: 'Berlin', description: '', accessLevel: 'restricted', isDefault: false };
const standard: Properties = { ...plain, accessLevel: 'unrestricted', isDefault: true };

it('changes what is named and keeps the rest', () => {
  expect(changeVirtualAccount(plain, { name: 'Hamburg', description: 'Harbour' })).toEqual({
    ok: true,
    value: { ...plain, name: 'Hamburg', description: 'Harbour' },
  });
});

it('refuses a change of nothing', () => {
  expect(changeVirtualAccount(plain, {})).toMatchObject({ code: 'nothing-to-do' });
  expect(changeVirtualAccount(plain, { name: 'Berlin' })).toMatchObject({ code: 'nothing-to-do' });
  expect(changeVirtualAccount(standard, { isDefault: true })).toMatchObject({ code: 'nothing-to-do' });
});

it('never restricts the default one, and makes none the default that is restricted', () => {
  expect(changeVirtualAccount(standard, { accessLevel: 'restricted' })).toMatchObject({
    code: 'default-virtual-account',
  });
  expect(changeVirtualAccount(plain, { isDefault: true })).toMatchObject({ code: 'default-virtual-account' });
  expect(changeVirtualAccount(plain, { isDefault: true, accessLevel: 'unrestricted' })).toMatchObject({
    ok: true,
    value: { isDefault: true },
  });
});
