import { nameKey } from '../accounts/place.ts';
import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/** An account has so many delivery rules at most. */
export const maximumDeliveryRules = 200;

/** Characters of a pattern: as many as the longest entitlement tag. */
export const maximumDeliveryPattern = 255;

/**
 * What a delivery rule asks of an order line; all that is not null has to match. A pattern is the whole text, where `*`
 * stands for any characters or none, compared without regard to case.
 */
export type DeliveryCondition = {
  readonly sku: string | null;
  /** Matches when one of the licenses that the product brings has such a tag. */
  readonly tag: string | null;
  /** The buyer of the order as it names them: often a partner. */
  readonly buyer: string | null;
};

/** "Lines whose … matches … go to …". Rules stand in an order, and the first that matches takes a line. */
export type DeliveryRule = DeliveryCondition & {
  readonly ruleId: string;
  readonly virtualAccountId: string;
};

/** An order line as rules see it. */
export type RoutedLine = {
  readonly sku: string;
  /** Tags of the licenses that its product brings. */
  readonly tags: readonly string[];
  readonly buyer: string;
};

export type DeliveryRuleRefusal =
  | Refusal<'delivery-rule-limit', { readonly maximum: number }>
  | Refusal<'delivery-rule-empty'>
  | Refusal<'delivery-rule-taken', { readonly position: number }>
  | Refusal<'nothing-to-do'>;

type ConditionRefusal = Exclude<DeliveryRuleRefusal, { code: 'nothing-to-do' }>;

/**
 * Decides the rules of an account with one more (specification `accounts-and-access.md`, "Virtual accounts").
 *
 * @param position 1 for the first; beyond the last one, or not given, it comes last
 */
export function addDeliveryRule(
  rules: readonly DeliveryRule[],
  made: DeliveryRule,
  position = rules.length + 1,
): Decision<readonly DeliveryRule[], ConditionRefusal> {
  if (rules.length >= maximumDeliveryRules) {
    return refuse('delivery-rule-limit', { maximum: maximumDeliveryRules });
  }
  return refusedCondition(made, rules) ?? accept(rules.toSpliced(position - 1, 0, made));
}

/** What is not given stays as it is. */
export type DeliveryRuleChange = {
  readonly [Name in Exclude<keyof DeliveryRule, 'ruleId'>]?: DeliveryRule[Name] | undefined;
} & { readonly position?: number | undefined };

/** Decides the rules of an account after one of them has changed or stands elsewhere; `before` is one of `rules`. */
export function changeDeliveryRule(
  rules: readonly DeliveryRule[],
  before: DeliveryRule,
  { position, ...change }: DeliveryRuleChange,
): Decision<readonly DeliveryRule[], DeliveryRuleRefusal> {
  const after = {
    ruleId: before.ruleId,
    sku: change.sku === undefined ? before.sku : change.sku,
    tag: change.tag === undefined ? before.tag : change.tag,
    buyer: change.buyer === undefined ? before.buyer : change.buyer,
    virtualAccountId: change.virtualAccountId ?? before.virtualAccountId,
  };
  const others = rules.filter(({ ruleId }) => ruleId !== before.ruleId);
  const stood = rules.indexOf(before);
  const stands = position === undefined ? stood : Math.min(position, rules.length) - 1;
  const isSame = isSameCondition(after, before, (text) => text);
  if (stands === stood && isSame && after.virtualAccountId === before.virtualAccountId) {
    return refuse('nothing-to-do', {});
  }
  const refused = refusedCondition(after, rules, before.ruleId);
  return refused ?? accept(others.toSpliced(stands, 0, after));
}

/**
 * What becomes of rules whose virtual account is deleted: they go where its contents go, or away with it.
 *
 * @param to the virtual account that takes the contents; null when there is none
 */
export function inheritDeliveryRules(
  rules: readonly DeliveryRule[],
  from: string,
  to: string | null,
): { rules: readonly DeliveryRule[]; handedOver: number; removed: number } {
  const concerned = rules.filter(({ virtualAccountId }) => virtualAccountId === from).length;
  if (to === null) {
    const kept = rules.filter(({ virtualAccountId }) => virtualAccountId !== from);
    return { rules: kept, handedOver: 0, removed: concerned };
  }
  const handed = rules.map((rule) =>
    rule.virtualAccountId === from ? { ...rule, virtualAccountId: to } : rule,
  );
  return { rules: handed, handedOver: concerned, removed: 0 };
}

/** Makes ready to find the rule that takes a line, many lines long: the first that matches, or null. */
export function deliveryRoutes<Rule extends DeliveryCondition>(
  rules: readonly Rule[],
): (line: RoutedLine) => Rule | null {
  const ready = rules.map((rule) => ({
    rule,
    sku: matcher(rule.sku),
    tag: matcher(rule.tag),
    buyer: matcher(rule.buyer),
  }));
  return (line) => {
    const [sku, buyer, tags] = [nameKey(line.sku), nameKey(line.buyer), line.tags.map(nameKey)];
    const taking = ready.find(
      (each) =>
        each.sku(sku) && each.buyer(buyer) && (each.rule.tag === null || tags.some((tag) => each.tag(tag))),
    );
    return taking?.rule ?? null;
  };
}

/**
 * Whether a text, as `nameKey` has it, is what a pattern says. Between stars the parts are looked for from left to right, each as early as it
 * can be, so that no pattern takes long.
 */
function matcher(pattern: string | null): (text: string) => boolean {
  if (pattern === null) return () => true;
  const [first = '', ...rest] = nameKey(pattern).split('*');
  const last = rest.pop();
  return (text) => {
    if (last === undefined) return text === first;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, from);
      if (found < 0) return false;
      from = found + part.length;
    }
    return from <= text.length - last.length;
  };
}

/** A rule in words, such as `SKU ADV-* and buyer Contoso`. */
export function describeDeliveryCondition({ sku, tag, buyer }: DeliveryCondition): string {
  const parts = [
    ...(sku === null ? [] : [`SKU ${sku}`]),
    ...(tag === null ? [] : [`license tag ${tag}`]),
    ...(buyer === null ? [] : [`buyer ${buyer}`]),
  ];
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function isSameCondition(
  one: DeliveryCondition,
  other: DeliveryCondition,
  key: (text: string) => string = nameKey,
): boolean {
  const equal = (left: string | null, right: string | null) =>
    left === null || right === null ? left === right : key(left) === key(right);
  return equal(one.sku, other.sku) && equal(one.tag, other.tag) && equal(one.buyer, other.buyer);
}

/** A rule asks for something, and for something else than the others: of two alike the second would never take a line. */
function refusedCondition(
  rule: DeliveryRule,
  rules: readonly DeliveryRule[],
  except: string | null = null,
): ConditionRefusal | null {
  if (rule.sku === null && rule.tag === null && rule.buyer === null) {
    return refuse('delivery-rule-empty', {});
  }
  const alike = rules.findIndex((other) => other.ruleId !== except && isSameCondition(other, rule));
  return alike < 0 ? null : refuse('delivery-rule-taken', { position: alike + 1 });
}
