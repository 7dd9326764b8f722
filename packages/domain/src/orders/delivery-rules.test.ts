import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDeliveryRule,
  changeDeliveryRule,
  type DeliveryRule,
  deliveryRoutes,
  describeDeliveryCondition,
  inheritDeliveryRules,
} from './delivery-rules.ts';

const rule = (ruleId: string, more: Partial<DeliveryRule> = {}): DeliveryRule => ({
  ruleId,
  sku: null,
  tag: null,
  buyer: null,
  virtualAccountId: 'asia',
  ...more,
});
const first = rule('first', { sku: 'ADV-*' });
const second = rule('second', { buyer: 'Contoso', virtualAccountId: 'europe' });
const third = rule('third', { tag: '*NET_ADV*' });
const rules = [first, second, third];
const ids = (decision: ReturnType<typeof changeDeliveryRule>) =>
  decision.ok ? decision.value.map(({ ruleId }) => ruleId) : decision;
const line = { sku: 'ADV-PERP', tags: ['regid.a.NET_ADV,1.0_x'], buyer: 'Contoso' };

describe('a pattern', () => {
  it.each([
    ['ADV-PERP', 'ADV-PERP', true],
    ['adv-perp', 'ADV-PERP', true],
    ['ADV', 'ADV-PERP', false],
    ['PERP', 'ADV-PERP', false],
    ['*', 'ADV-PERP', true],
    ['*', '', true],
    ['ADV-*', 'ADV-', true],
    ['ADV-*', 'XADV-', false],
    ['*-PERP', 'ADV-PERP', true],
    ['*-PERP', 'ADV-PERP-2', false],
    ['A*V*P', 'ADV-PERP', true],
    ['A*P*V', 'ADV-PERP', false],
    ['AB*BA', 'ABA', false],
    ['AB*BA', 'ABBA', true],
    ['*A*A*', 'A', false],
    ['**', 'A', true],
    ['Caf\u00e9*', 'Cafe\u0301 Nord', true],
    ['A.V', 'ADV', false],
  ])('%s and %s: %s', (pattern, sku, taken) => {
    const found = deliveryRoutes([rule('only', { sku: pattern })])({ ...line, sku });
    expect(found !== null).toBe(taken);
  });

  it('is what a regular expression says that has .* for every star', () => {
    const few = (more: string) => fc.string({ unit: fc.constantFrom('a', 'b', ...more), maxLength: 9 });
    fc.assert(
      fc.property(few('*'), few('c'), (pattern, text) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text);
        const found = deliveryRoutes([rule('only', { buyer: pattern })])({ ...line, buyer: text });
        expect(found !== null).toBe(expected);
      }),
    );
  });
});

describe('a line', () => {
  it('goes by the first rule that matches, and by none if none does', () => {
    const route = deliveryRoutes(rules);
    expect(route(line)).toBe(first);
    expect(route({ ...line, sku: 'X' })).toBe(second);
    expect(route({ ...line, sku: 'X', buyer: 'Fabrikam' })).toBe(third);
    expect(route({ sku: 'X', tags: ['a', 'b'], buyer: 'Fabrikam' })).toBeNull();
    expect(deliveryRoutes(rules.toReversed())(line)).toBe(third);
  });

  it('is taken by any of its tags, and only if everything the rule names matches', () => {
    const both = rule('both', { sku: 'ADV-*', tag: 'b', buyer: 'con*' });
    const route = deliveryRoutes([both]);
    expect(route({ ...line, tags: ['a', 'b'] })).toBe(both);
    expect(route({ ...line, tags: ['a'] })).toBeNull();
    expect(route({ ...line, tags: [] })).toBeNull();
    expect(route({ ...line, tags: ['b'], buyer: 'Fabrikam' })).toBeNull();
  });
});

describe('a new rule', () => {
  const made = rule('new', { sku: 'SEC' });
  it.each([
    [undefined, ['first', 'second', 'third', 'new']],
    [1, ['new', 'first', 'second', 'third']],
    [3, ['first', 'second', 'new', 'third']],
    [9, ['first', 'second', 'third', 'new']],
  ])('at position %s', (position, expected) => {
    expect(ids(addDeliveryRule(rules, made, position))).toEqual(expected);
  });

  it('asks for something, and not for what another rule asks for', () => {
    expect(addDeliveryRule(rules, rule('new'))).toEqual({ ok: false, code: 'delivery-rule-empty' });
    expect(addDeliveryRule(rules, rule('new', { buyer: 'CONTOSO' }))).toEqual({
      ok: false,
      code: 'delivery-rule-taken',
      position: 2,
    });
    expect(addDeliveryRule(rules, rule('new', { buyer: 'CONTOSO', sku: 'A' }))).toMatchObject({ ok: true });
  });

  it('is the 200th at most', () => {
    const many = Array.from({ length: 200 }, (_, at) => rule(`${at}`, { sku: `${at}` }));
    expect(addDeliveryRule(many.slice(1), made)).toMatchObject({ ok: true });
    expect(addDeliveryRule(many, made)).toEqual({ ok: false, code: 'delivery-rule-limit', maximum: 200 });
  });
});

describe('a rule that changes', () => {
  it.each([
    [{ position: 1 }, ['third', 'first', 'second']],
    [{ position: 2 }, ['first', 'third', 'second']],
    [{ position: 200 }, { ok: false, code: 'nothing-to-do' }],
    [{ position: 3 }, { ok: false, code: 'nothing-to-do' }],
    [
      { tag: '*NET_ADV*', virtualAccountId: 'asia' },
      { ok: false, code: 'nothing-to-do' },
    ],
    [{ tag: '*net_adv*' }, ['first', 'second', 'third']],
    [{ virtualAccountId: 'europe' }, ['first', 'second', 'third']],
    [{ tag: null }, { ok: false, code: 'delivery-rule-empty' }],
    [
      { tag: null, sku: 'adv-*' },
      { ok: false, code: 'delivery-rule-taken', position: 1 },
    ],
  ])('%j', (change, expected) => {
    expect(ids(changeDeliveryRule(rules, third, change))).toEqual(expected);
  });

  it('keeps what is not named', () => {
    expect(changeDeliveryRule(rules, first, { buyer: 'B', position: 3 })).toEqual({
      ok: true,
      value: [second, third, { ...first, buyer: 'B' }],
    });
  });
});

it('rules go with the contents of their virtual account, or away with it', () => {
  expect(inheritDeliveryRules(rules, 'asia', 'africa')).toEqual({
    rules: [{ ...first, virtualAccountId: 'africa' }, second, { ...third, virtualAccountId: 'africa' }],
    handedOver: 2,
    removed: 0,
  });
  expect(inheritDeliveryRules(rules, 'asia', null)).toEqual({ rules: [second], handedOver: 0, removed: 2 });
  expect(inheritDeliveryRules(rules, 'africa', null)).toEqual({ rules, handedOver: 0, removed: 0 });
});

it('tells itself in words', () => {
  expect(rules.map(describeDeliveryCondition)).toEqual([
    'SKU ADV-*',
    'buyer Contoso',
    'license tag *NET_ADV*',
  ]);
  expect(describeDeliveryCondition({ sku: 'A', tag: 'B', buyer: 'C' })).toBe(
    'SKU A, license tag B and buyer C',
  );
});
