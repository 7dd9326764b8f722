import {
  addDeliveryRule,
  changeDeliveryRule,
  type DeliveryRule,
  type DeliveryRuleRefusal,
  describeDeliveryCondition,
  inheritDeliveryRules,
} from '@estover/domain/orders';
import { createDeliveryRule, deleteDeliveryRule, updateDeliveryRule } from '@estover/protocol';
import { lockAccount, requireAccountReach, requireVirtualAccount } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { Context } from '../edge/context.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { loadDeliveryRules, saveDeliveryRules } from './delivery-rules-store.ts';
import { deliveryRuleAnswers } from './delivery-rules-view.ts';

export const createDeliveryRuleHandler = command(createDeliveryRule, async (context, { params, body }) => {
  const { accountId } = params;
  const rules = await rulesToChange(context, accountId);
  const { position, virtualAccountId } = body;
  const target = await requireTarget(context, accountId, virtualAccountId);
  const made = {
    ruleId: context.newId(),
    sku: normalized(body.sku),
    tag: normalized(body.tag),
    buyer: normalized(body.buyer),
    virtualAccountId,
  };
  const decision = addDeliveryRule(rules, made, position);
  if (!decision.ok) throw refusedRule(decision);
  await saveDeliveryRules(context.trx, accountId, decision.value);
  const answer = await answerOf(context, accountId, decision.value, made.ruleId);
  return {
    answer: { deliveryRule: answer },
    event: {
      accountId,
      objectKind: 'delivery-rule',
      objectId: made.ruleId,
      message: `added delivery rule ${answer.position}: ${describeDeliveryCondition(made)} to ${target}`,
      after: { ...made, position: answer.position },
    },
  };
});

export const updateDeliveryRuleHandler = command(updateDeliveryRule, async (context, { params, body }) => {
  const { accountId, ruleId } = params;
  const rules = await rulesToChange(context, accountId);
  const before = requireRule(rules, ruleId);
  const target = await requireTarget(context, accountId, body.virtualAccountId ?? before.virtualAccountId);
  const decision = changeDeliveryRule(rules, before, {
    ...body,
    ...(body.sku === undefined ? {} : { sku: normalized(body.sku) }),
    ...(body.tag === undefined ? {} : { tag: normalized(body.tag) }),
    ...(body.buyer === undefined ? {} : { buyer: normalized(body.buyer) }),
  });
  if (!decision.ok) throw refusedRule(decision);
  const after = requireRule(decision.value, ruleId);
  await saveDeliveryRules(context.trx, accountId, decision.value);
  const answer = await answerOf(context, accountId, decision.value, ruleId);
  const stood = rules.indexOf(before) + 1;
  const isMoved = stood !== answer.position;
  return {
    answer: { deliveryRule: answer },
    event: {
      accountId,
      objectKind: 'delivery-rule',
      objectId: ruleId,
      message: isMoved
        ? `moved delivery rule ${stood} to place ${answer.position}: ${describeDeliveryCondition(after)} to ${target}`
        : `changed delivery rule ${stood}: ${describeDeliveryCondition(after)} to ${target}`,
      before: { ...before, position: stood },
      after: { ...after, position: answer.position },
    },
  };
});

export const deleteDeliveryRuleHandler = command(deleteDeliveryRule, async (context, { params }) => {
  const { accountId, ruleId } = params;
  const rules = await rulesToChange(context, accountId);
  const doomed = requireRule(rules, ruleId);
  const position = rules.indexOf(doomed) + 1;
  await saveDeliveryRules(context.trx, accountId, rules.toSpliced(position - 1, 1));
  return {
    answer: { ruleId },
    event: {
      accountId,
      objectKind: 'delivery-rule',
      objectId: ruleId,
      message: `removed delivery rule ${position}: ${describeDeliveryCondition(doomed)}`,
      before: { ...doomed, position },
    },
  };
});

/**
 * Gives the rules that lead to a virtual account which is deleted to the one that takes its contents, or removes them.
 * The caller holds the account and writes the event.
 */
export async function handOverDeliveryRules(
  trx: Trx,
  accountId: string,
  fromVirtualAccountId: string,
  toVirtualAccountId: string | null,
): Promise<{ handedOver: number; removed: number }> {
  const before = await loadDeliveryRules(trx, accountId);
  const { rules, ...counts } = inheritDeliveryRules(before, fromVirtualAccountId, toVirtualAccountId);
  if (counts.handedOver + counts.removed > 0) await saveDeliveryRules(trx, accountId, rules);
  return counts;
}

/** The rules of an account that the caller may change, held until the transaction ends. */
async function rulesToChange(context: Context, accountId: string): Promise<DeliveryRule[]> {
  if (!(await lockAccount(context.trx, accountId))) throw notFound('account');
  requireAccountReach(context, 'manage-account-settings');
  return loadDeliveryRules(context.trx, accountId);
}

function requireRule(rules: readonly DeliveryRule[], ruleId: string): DeliveryRule {
  const found = rules.find((rule) => rule.ruleId === ruleId);
  if (found === undefined) throw notFound('delivery rule');
  return found;
}

/** The virtual account that a rule leads to, for a sentence. */
async function requireTarget(context: Context, accountId: string, virtualAccountId: string): Promise<string> {
  const orUnknown = () =>
    new Refused(
      'unknown-virtual-account',
      `There is no virtual account ${virtualAccountId} here that you may see.`,
      { virtualAccountId },
    );
  const found = await requireVirtualAccount(context, accountId, virtualAccountId, 'manage-account-settings', {
    orUnknown,
  });
  return placeInWords(found);
}

/** Accents are kept in one way of writing them. */
const normalized = (pattern: string | null): string | null => pattern?.normalize('NFC') ?? null;

async function answerOf(context: Context, accountId: string, rules: readonly DeliveryRule[], ruleId: string) {
  const found = (await deliveryRuleAnswers(context, accountId, rules)).find((rule) => rule.ruleId === ruleId);
  if (found === undefined) throw new Error(`delivery rule ${ruleId} was there a moment ago`);
  return found;
}

function refusedRule(refusal: DeliveryRuleRefusal): Refused {
  switch (refusal.code) {
    case 'delivery-rule-limit':
      return new Refused(
        'delivery-rule-limit',
        `The account has ${refusal.maximum} delivery rules already.`,
        {
          maximum: refusal.maximum,
        },
      );
    case 'delivery-rule-empty':
      return new Refused('delivery-rule-empty', 'The rule has no pattern for SKU, license tag or buyer.');
    case 'delivery-rule-taken':
      return new Refused('delivery-rule-taken', `Delivery rule ${refusal.position} asks for the same.`, {
        position: refusal.position,
      });
    case 'nothing-to-do':
      return new Refused('nothing-to-do', 'The rule is like this already.');
  }
}
