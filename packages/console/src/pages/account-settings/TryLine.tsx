import { describeDeliveryCondition } from '@estover/domain/orders';
import { type AnswerOf, tryDeliveryRules } from '@estover/protocol';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { type Reason, useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { formatPath } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { fieldProblem } from '../../problems.ts';
import styles from './account-settings.module.css';

/** Says which rule would take an order line, before there is one. */
export function TryLine({ reason }: { reason: Reason }) {
  const { accountId } = useAccount();
  const [sku, setSku] = useState('');
  const [buyer, setBuyer] = useState('');
  const [asked, setAsked] = useState<{ sku: string; buyer: string } | null>(null);
  const trial = useOperation(
    tryDeliveryRules,
    { params: { accountId }, query: asked ?? { sku: '', buyer: '' } },
    { enabled: asked !== null },
  );
  const blocked =
    reason ?? (sku.trim() === '' || buyer.trim() === '' ? 'Type a SKU and a buyer to try.' : null);
  return (
    <Card title="Try a line" padded>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (blocked === null) setAsked({ sku: sku.trim(), buyer: buyer.trim() });
        }}
      >
        <div className={styles.tryFields}>
          <TextInput
            label="SKU"
            maxLength={64}
            readOnly={reason !== null}
            value={sku}
            onChange={(event) => setSku(event.currentTarget.value)}
            error={fieldProblem(trial.error, '/sku')}
          />
          <TextInput
            label="Buyer"
            maxLength={200}
            readOnly={reason !== null}
            value={buyer}
            onChange={(event) => setBuyer(event.currentTarget.value)}
            error={fieldProblem(trial.error, '/buyer')}
          />
          <ReasonedButton type="submit" reason={blocked} loading={trial.isFetching}>
            Try the line
          </ReasonedButton>
        </div>
        <ProblemNotice error={trial.error} marked={['/sku', '/buyer']} />
        <p role="status">
          {asked === null || trial.data === undefined || trial.error !== null
            ? 'Nothing is booked: this only says where a line would go that names no virtual account.'
            : resultOf(asked.sku, trial.data)}
        </p>
      </form>
    </Card>
  );
}

function resultOf(sku: string, { rule, virtualAccount, product }: AnswerOf<typeof tryDeliveryRules>): string {
  const place = formatPath(virtualAccount.path);
  const taken =
    rule === null
      ? `No rule takes it: it would go to ${place}, the default virtual account.`
      : `Rule ${rule.position} takes it (${describeDeliveryCondition(rule)}): it would go to ${place}.`;
  return product === null ? `${taken} There is no product ${sku} yet.` : taken;
}
