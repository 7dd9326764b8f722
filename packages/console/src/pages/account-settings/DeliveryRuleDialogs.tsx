import {
  describeDeliveryCondition,
  maximumDeliveryPattern,
  maximumDeliveryRules,
} from '@estover/domain/orders';
import {
  type AnswerOf,
  createDeliveryRule,
  deleteDeliveryRule,
  type listDeliveryRules,
  updateDeliveryRule,
} from '@estover/protocol';
import { NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { formatPath } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { ConfirmDialog, FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { VirtualAccountSelect } from '../../parts/VirtualAccountPicker.tsx';
import { fieldProblem } from '../../problems.ts';

export type DeliveryRule = AnswerOf<typeof listDeliveryRules>['items'][number];

/** Where a rule leads, as far as it may be told. */
export const targetWords = (target: DeliveryRule['virtualAccount']): string =>
  target === null ? 'a virtual account that you can’t see' : formatPath(target.path);

const fields = [
  { name: 'sku', label: 'SKU', description: 'Such as ADV-PERP, or ADV-* for all that begin so.' },
  {
    name: 'tag',
    label: 'License tag',
    description: 'Of a license that the line brings, such as *.NET_ADV,*.',
  },
  { name: 'buyer', label: 'Buyer', description: 'As the order names it: often a partner.' },
] as const;

interface DeliveryRuleDialogProps {
  /** Null for a new one. */
  rule: DeliveryRule | null;
  /** How many there are. */
  rules: number;
  onClose: () => void;
}

/** Adds a rule, or changes what it asks for, where it leads and its place. */
export function DeliveryRuleDialog({ rule, rules, onClose }: DeliveryRuleDialogProps) {
  const { accountId } = useAccount();
  const create = useAction(createDeliveryRule);
  const update = useAction(updateDeliveryRule);
  const lastPlace = Math.min(rule === null ? rules + 1 : rules, maximumDeliveryRules);
  const [typed, setTyped] = useState({
    sku: rule?.sku ?? '',
    tag: rule?.tag ?? '',
    buyer: rule?.buyer ?? '',
  });
  const [virtualAccountId, setVirtualAccountId] = useState(rule?.virtualAccount?.virtualAccountId ?? null);
  const [chosenPlace, setChosenPlace] = useState<number | string | null>(rule?.position ?? null);
  // A new rule comes last, also where more rules have come while the dialog was open.
  const position = chosenPlace ?? lastPlace;
  const patterns = {
    sku: typed.sku.trim() || null,
    tag: typed.tag.trim() || null,
    buyer: typed.buyer.trim() || null,
  };
  const isPlace = typeof position === 'number' && position >= 1 && position <= lastPlace;
  const body = {
    ...patterns,
    virtualAccountId: virtualAccountId ?? '',
    ...(isPlace && (rule === null ? position < lastPlace : position !== rule.position) ? { position } : {}),
  };
  const isSame =
    rule !== null &&
    fields.every(({ name }) => patterns[name] === rule[name]) &&
    virtualAccountId === rule.virtualAccount?.virtualAccountId &&
    position === rule.position;
  const blocked =
    patterns.sku === null && patterns.tag === null && patterns.buyer === null
      ? 'Say which lines: by SKU, license tag or buyer.'
      : virtualAccountId === null
        ? 'Choose where they go.'
        : !isPlace
          ? `Its place is a number from 1 to ${lastPlace}.`
          : isSame
            ? 'Nothing is changed yet.'
            : null;
  const created = { params: { accountId }, body };
  const updated = { params: { accountId, ruleId: rule?.ruleId ?? '' }, body };
  const done = (answer: { deliveryRule: DeliveryRule }) => {
    const { deliveryRule } = answer;
    notifyDone(`Rule ${deliveryRule.position} sends lines to ${targetWords(deliveryRule.virtualAccount)}.`);
    onClose();
  };
  const error = create.error ?? update.error;
  return (
    <FormDialog
      title={rule === null ? 'Add a delivery rule' : `Change rule ${rule.position}`}
      act={rule === null ? 'Add the rule' : `Change rule ${rule.position}`}
      onAct={() =>
        rule === null
          ? create.mutate(created, { onSuccess: done })
          : update.mutate(updated, { onSuccess: done })
      }
      onClose={onClose}
      acting={create.isPending || update.isPending}
      error={error}
      marked={fields.map(({ name }) => `/${name}`)}
      blocked={blocked}
      apiCall={
        blocked === null &&
        (rule === null ? (
          <ApiCall operation={createDeliveryRule} input={created} />
        ) : (
          <ApiCall operation={updateDeliveryRule} input={updated} />
        ))
      }
    >
      <p>
        A line is taken when everything matches that you fill in. A * stands for any characters or none; upper
        and lower case are the same.
      </p>
      {fields.map(({ name, label, description }, index) => (
        <TextInput
          key={name}
          label={label}
          description={description}
          maxLength={maximumDeliveryPattern}
          value={typed[name]}
          onChange={(event) => {
            const value = event.currentTarget.value;
            setTyped((before) => ({ ...before, [name]: value }));
          }}
          error={fieldProblem(error, `/${name}`)}
          {...(index === 0 ? { 'data-autofocus': true } : {})}
        />
      ))}
      <VirtualAccountSelect
        label="Lines go to"
        placeholder="Choose a virtual account"
        value={virtualAccountId}
        onChange={setVirtualAccountId}
      />
      <NumberInput
        label="Place among the rules"
        description="The first rule that matches takes a line."
        min={1}
        max={lastPlace}
        allowDecimal={false}
        value={position}
        onChange={setChosenPlace}
      />
    </FormDialog>
  );
}

/** Asks before a rule goes. What it has delivered stays where it is. */
export function RemoveRuleDialog({ rule, onClose }: { rule: DeliveryRule; onClose: () => void }) {
  const { accountId } = useAccount();
  const remove = useAction(deleteDeliveryRule);
  const input = { params: { accountId, ruleId: rule.ruleId } };
  return (
    <ConfirmDialog
      title={`Remove rule ${rule.position}`}
      act={`Remove rule ${rule.position}`}
      destructive
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: () => {
            notifyDone(`Removed rule ${rule.position}.`);
            onClose();
          },
        })
      }
      call={{ operation: deleteDeliveryRule, input }}
    >
      <p>
        Lines with {describeDeliveryCondition(rule)} are no longer sent to {targetWords(rule.virtualAccount)}.
        What it has delivered stays there.
      </p>
    </ConfirmDialog>
  );
}
