import { describeDeliveryCondition, maximumDeliveryRules } from '@estover/domain/orders';
import { listDeliveryRules, updateDeliveryRule } from '@estover/protocol';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type Reason, useAccount } from '../../account.tsx';
import { useAction, useOperation } from '../../api.ts';
import { count, formatPath } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { paths } from '../../paths.ts';
import styles from './account-settings.module.css';
import {
  type DeliveryRule,
  DeliveryRuleDialog,
  RemoveRuleDialog,
  targetWords,
} from './DeliveryRuleDialogs.tsx';
import { TryLine } from './TryLine.tsx';

const columnsWith = (
  accountId: string,
  actions: (rule: DeliveryRule) => ReactNode,
): Column<DeliveryRule>[] => [
  {
    key: 'lines',
    title: 'Lines with',
    cell: (rule) => (
      <span className={styles.condition}>
        <b>{rule.position}.</b> {describeDeliveryCondition(rule)}
      </span>
    ),
  },
  {
    key: 'target',
    title: 'Go to',
    cell: ({ virtualAccount }) =>
      virtualAccount === null ? (
        targetWords(null)
      ) : (
        <PlaceLink to={paths.virtualAccounts(accountId, { open: virtualAccount.virtualAccountId })}>
          {formatPath(virtualAccount.path)}
        </PlaceLink>
      ),
  },
  { key: 'actions', title: 'Actions', cell: actions },
];

const noRules: DeliveryRule[] = [];

/** Where order lines go that name no virtual account: an ordered list, of which the first rule that matches takes a line. */
export default function DeliveryRulesPage() {
  const account = useAccount();
  const { accountId } = account;
  const list = useOperation(listDeliveryRules, { params: { accountId } });
  const rules = list.data?.items ?? noRules;
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState<DeliveryRule | null>(null);
  const [removing, setRemoving] = useState<DeliveryRule | null>(null);
  const order = useOrder(accountId, rules);
  const reason = account.reasonAgainst('manage-account-settings');
  const addButton = (
    <ReasonedButton
      variant="filled"
      reason={
        reason ??
        (rules.length >= maximumDeliveryRules
          ? `There are ${maximumDeliveryRules} rules, which is as many as an account has. Remove one first.`
          : null)
      }
      onClick={() => setAdding(true)}
    >
      Add a rule…
    </ReasonedButton>
  );
  return (
    <>
      <PageHead
        title="Delivery rules"
        sentence={list.data === undefined ? '' : sentenceOf(rules.length)}
        back={{ to: paths.settings(accountId), label: 'Settings' }}
        actions={addButton}
      />
      <div className={styles.stack}>
        <Card>
          <DataTable
            label="Delivery rules"
            columns={columnsWith(accountId, (rule) => (
              <span className={styles.rowActions}>
                <MoveButton rule={rule} way="up" reason={reason} last={rules.length} order={order} />
                <MoveButton rule={rule} way="down" reason={reason} last={rules.length} order={order} />
                <ReasonedButton
                  size="xs"
                  aria-label={`Change rule ${rule.position}`}
                  reason={reason}
                  onClick={() => setEditing(rule)}
                >
                  Change…
                </ReasonedButton>
                <ReasonedButton
                  size="xs"
                  color="bad"
                  aria-label={`Remove rule ${rule.position}`}
                  reason={reason}
                  onClick={() => setRemoving(rule)}
                >
                  Remove…
                </ReasonedButton>
              </span>
            ))}
            rows={rules}
            rowKey={({ ruleId }) => ruleId}
            isPending={list.isPending}
            error={list.error}
            onRetry={() => void list.refetch()}
            empty={
              <EmptyState title="There is no delivery rule yet" action={addButton}>
                A rule sends order lines of a SKU, with a license, or from a buyer such as a partner to a
                virtual account of yours, where the order itself names none.
              </EmptyState>
            }
          />
          <ProblemNotice error={order.error} />
          <p role="status" className="visually-hidden">
            {order.said}
          </p>
        </Card>
        <TryLine reason={reason} />
      </div>
      {adding && <DeliveryRuleDialog rule={null} rules={rules.length} onClose={() => setAdding(false)} />}
      {editing !== null && (
        <DeliveryRuleDialog rule={editing} rules={rules.length} onClose={() => setEditing(null)} />
      )}
      {removing !== null && <RemoveRuleDialog rule={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}

const sentenceOf = (rules: number): string =>
  rules === 0
    ? 'Order lines that name no virtual account go to the default one.'
    : `Order lines that name no virtual account are looked at by ${count(rules, 'rule')}: the first that matches takes a line, and what none takes goes to the default virtual account.`;

type Way = 'up' | 'down';
const buttonId = (ruleId: string, way: Way): string => `${way}-${ruleId}`;

/**
 * Moves rules by one place. It is said, and the button that was pressed keeps the keyboard, once the list is read again:
 * until then the numbers are those of the old order, and nothing else is moved.
 */
function useOrder(accountId: string, rules: readonly DeliveryRule[]) {
  const update = useAction(updateDeliveryRule);
  const [said, setSaid] = useState('');
  const pressed = useRef<{ ruleId: string; way: Way; from: number; to: number } | null>(null);
  useEffect(() => {
    const moved = pressed.current;
    if (moved === null || rules[moved.to - 1]?.ruleId !== moved.ruleId) return;
    pressed.current = null;
    document.getElementById(buttonId(moved.ruleId, moved.way))?.focus();
    setSaid(`Rule ${moved.from} is rule ${moved.to} now.`);
  }, [rules]);
  return {
    said,
    error: update.error,
    move({ ruleId, position: from }: DeliveryRule, way: Way) {
      if (pressed.current !== null) return;
      const to = from + (way === 'up' ? -1 : 1);
      pressed.current = { ruleId, way, from, to };
      update.mutate(
        { params: { accountId, ruleId }, body: { position: to } },
        {
          onError: () => {
            pressed.current = null;
          },
        },
      );
    },
  };
}

function MoveButton(props: {
  rule: DeliveryRule;
  way: Way;
  reason: Reason;
  last: number;
  order: ReturnType<typeof useOrder>;
}) {
  const { rule, way, reason, last, order } = props;
  const isAtEnd = rule.position === (way === 'up' ? 1 : last);
  return (
    <ReasonedButton
      size="xs"
      id={buttonId(rule.ruleId, way)}
      aria-label={`Move rule ${rule.position} ${way}`}
      reason={reason ?? (isAtEnd ? `It is the ${way === 'up' ? 'first' : 'last'} rule.` : null)}
      onClick={() => order.move(rule, way)}
    >
      <span aria-hidden="true">{way === 'up' ? '↑' : '↓'}</span>
    </ReasonedButton>
  );
}
