import type {
  AnswerOf,
  BodyOf,
  createToken,
  removeProductInstance,
  transferProductInstance,
} from '@estover/protocol';
import { day, millisecondsOf } from '../clock.ts';
import {
  type BookAccount,
  type BookInstance,
  type BookToken,
  type InstanceState,
  isLiving,
} from './books.ts';
import { type Case, difference, type Expectation, parsed, refused } from './case.ts';
import { checkEffects } from './ledger-rules.ts';
import { allPoolsOf } from './pools.ts';

/** A token ends at its expiry, not after it; revoked comes before everything else. */
export function tokenStateAt(
  { revoked, expiresAt, maximumUses, uses }: BookToken,
  at: number,
): 'active' | 'revoked' | 'expired' | 'used-up' {
  if (revoked) return 'revoked';
  if (at >= expiresAt) return 'expired';
  return maximumUses !== null && uses >= maximumUses ? 'used-up' : 'active';
}

/** Accounts of these export categories get no export-controlled functionality (devices.md). */
export const isExportBarred = ({ exportCategory }: BookAccount): boolean => /^[CD]$/.test(exportCategory);

export function ruleOfToken({ account, params, body, at }: Case): Expectation {
  const place = params['virtualAccountId'] ?? '';
  const asked = parsed<BodyOf<typeof createToken>>(body);
  if (!account.places.has(place)) return refused('not-found');
  const exportAllowed = asked.exportControlledAllowed ?? false;
  if (exportAllowed && isExportBarred(account)) return refused('token-limit');
  return {
    code: 'ok',
    accept(text) {
      const { token, secret } = parsed<AnswerOf<typeof createToken>>(text);
      const { tokenId } = token;
      const maximumUses = asked.maximumUses ?? null;
      const expiresAt = at + (asked.expiresInDays ?? 30) * day;
      account.tokens.set(tokenId, {
        tokenId,
        secret,
        place,
        expiresAt,
        revoked: false,
        maximumUses,
        uses: 0,
        exportAllowed,
      });
      if (millisecondsOf(token.expiresAt) !== expiresAt) return `the token ends at ${token.expiresAt}`;
      return difference(
        'the token',
        { virtualAccountId: place, maximumUses, uses: 0, state: 'active' },
        token,
      );
    },
  };
}

export function ruleOfRevocation({ account, params, at }: Case): Expectation {
  const token = account.tokens.get(params['tokenId'] ?? '');
  if (token === undefined || !account.places.has(token.place)) return refused('not-found');
  if (tokenStateAt(token, at) !== 'active') return refused('token-ended');
  return {
    code: 'ok',
    accept(text) {
      token.revoked = true;
      return difference('the token', { state: 'revoked' }, parsed<{ token: object }>(text).token);
    },
  };
}

/** Ends an instance: what it used is free and its alerts are settled. */
export function endInstance(instance: BookInstance, state: InstanceState): void {
  instance.state = state;
  instance.usage.clear();
  instance.connectAlert = null;
  instance.renewAlert = null;
  instance.duplicateAlert = false;
}

/** Instances that had left stay behind in a virtual account that is deleted, and are shown no more. */
const isShown = ({ places }: BookAccount, { place }: BookInstance): boolean => places.has(place);

export function ruleOfRemoval({ books, account, params }: Case): Expectation {
  const instance = account.instances.get(params['instanceId'] ?? '');
  if (instance === undefined || !isShown(account, instance)) return refused('not-found');
  if (!isLiving(instance)) return refused('instance-not-registered');
  return {
    code: 'ok',
    accept(text) {
      const answer = parsed<AnswerOf<typeof removeProductInstance>>(text);
      const before = allPoolsOf(books, account);
      endInstance(instance, 'removed');
      return (
        difference('the instance', { state: 'removed' }, answer.productInstance) ??
        checkEffects(answer.effects, before, allPoolsOf(books, account))
      );
    },
  };
}

export function ruleOfInstanceTransfer({ books, account, params, body }: Case): Expectation {
  const { toVirtualAccountId: to } = parsed<BodyOf<typeof transferProductInstance>>(body);
  const instance = account.instances.get(params['instanceId'] ?? '');
  if (!account.places.has(to)) return refused('unknown-virtual-account');
  if (instance === undefined || !isShown(account, instance)) return refused('not-found');
  if (!isLiving(instance)) return refused('instance-not-registered');
  if (instance.place === to) return refused('same-virtual-account');
  return {
    code: 'ok',
    accept(text) {
      const answer = parsed<AnswerOf<typeof transferProductInstance>>(text);
      const before = allPoolsOf(books, account);
      instance.place = to;
      return (
        difference('the instance', { virtualAccountId: to }, answer.productInstance) ??
        checkEffects(answer.effects, before, allPoolsOf(books, account))
      );
    },
  };
}
