import { cancelOrder, getOrder, shipOrder } from '@estover/protocol';
import { Checkbox, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { usePlatform } from '../../account.tsx';
import { useAction, useOperation } from '../../api.ts';
import { count, formatNumber } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { paths } from '../../paths.ts';
import { AskContactDialog } from './AskContactDialog.tsx';
import { DeskOrderTraceView } from './OrderTraceView.tsx';
import { orderSentence } from './order-sentence.ts';
import { canCancel, canShip, type Order, type OrderLine } from './order-words.tsx';
import styles from './orders.module.css';

const route = getRouteApi('/signed-in/platform/orders/$orderNumber');

/** One order, traced, for the platform's staff: ships and cancels its lines. */
export default function PlatformOrderPage() {
  const { orderNumber } = route.useParams();
  const platform = usePlatform();
  const { data, error, refetch } = useOperation(getOrder, { params: { orderNumber } });
  const [asked, setAsked] = useState<'ship' | 'cancel' | 'contact' | null>(null);
  const lines = data?.order.lines ?? [];
  const reason = platform.reasonAgainst('manage-orders');
  const waiting = lines.find(
    ({ waitsFor }) => waitsFor?.kind === 'order-desk' || waitsFor?.kind === 'contact',
  );
  return (
    <>
      <PageHead
        title={orderNumber}
        documentTitle={`Order ${orderNumber}`}
        sentence={data === undefined ? '' : orderSentence(data.order)}
        back={{ to: paths.platformOrders(), label: 'All orders' }}
        actions={
          data !== undefined && (
            <>
              {waiting !== undefined && (
                <ReasonedButton reason={reason} onClick={() => setAsked('contact')}>
                  Ask a contact…
                </ReasonedButton>
              )}
              <ReasonedButton
                color="bad"
                reason={reason ?? (lines.some(canCancel) ? null : 'No line is left that could be cancelled.')}
                onClick={() => setAsked('cancel')}
              >
                Cancel lines…
              </ReasonedButton>
              <ReasonedButton
                variant="filled"
                reason={reason ?? (lines.some(canShip) ? null : 'No line waits for shipping.')}
                onClick={() => setAsked('ship')}
              >
                Ship…
              </ReasonedButton>
            </>
          )
        }
      />
      {data === undefined ? (
        <ProblemNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <DeskOrderTraceView trace={data} />
      )}
      {data !== undefined && asked === 'ship' && (
        <ShipDialog order={data.order} onClose={() => setAsked(null)} />
      )}
      {waiting !== undefined && asked === 'contact' && (
        <AskContactDialog waitsIn={waiting.accountId} onClose={() => setAsked(null)} />
      )}
      {data !== undefined && asked === 'cancel' && (
        <CancelDialog order={data.order} onClose={() => setAsked(null)} />
      )}
    </>
  );
}

function LinePicker(props: {
  lines: OrderLine[];
  chosen: ReadonlySet<number>;
  onChange: (chosen: Set<number>) => void;
}) {
  const { lines, chosen, onChange } = props;
  return (
    <fieldset className={styles.lines}>
      <legend className="visually-hidden">Lines</legend>
      {lines.map((line) => (
        <Checkbox
          key={line.lineNumber}
          label={`${line.lineNumber}. ${formatNumber(line.quantity)} × ${line.productName} for ${line.accountName}`}
          checked={chosen.has(line.lineNumber)}
          onChange={() => {
            const next = new Set(chosen);
            if (!next.delete(line.lineNumber)) next.add(line.lineNumber);
            onChange(next);
          }}
        />
      ))}
    </fieldset>
  );
}

/** The chosen lines of those that can be chosen; all at first. */
function useLines(order: Order, can: (line: OrderLine) => boolean) {
  const lines = order.lines.filter(can);
  const [chosen, choose] = useState<ReadonlySet<number>>(
    () => new Set(lines.map(({ lineNumber }) => lineNumber)),
  );
  return { lines, chosen, choose, numbers: [...chosen].sort((one, other) => one - other) };
}

function ShipDialog({ order, onClose }: { order: Order; onClose: () => void }) {
  const { lines, chosen, choose, numbers } = useLines(order, canShip);
  const ship = useAction(shipOrder);
  const input = { params: { orderNumber: order.orderNumber }, body: { lines: numbers } };
  return (
    <FormDialog
      title={`Ship ${order.orderNumber}`}
      act={`Ship ${count(numbers.length, 'line')}`}
      blocked={numbers.length === 0 ? 'Choose at least one line.' : null}
      acting={ship.isPending}
      error={ship.error}
      onClose={onClose}
      onAct={() =>
        ship.mutate(input, {
          onSuccess: () => {
            notifyDone(`${count(numbers.length, 'line')} of ${order.orderNumber} shipped.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={shipOrder} input={input} />}
    >
      <p>
        Licenses are delivered at once where the account is active; a holding account holds the line, and
        elsewhere it waits.
      </p>
      <LinePicker lines={lines} chosen={chosen} onChange={choose} />
    </FormDialog>
  );
}

function CancelDialog({ order, onClose }: { order: Order; onClose: () => void }) {
  const { lines, chosen, choose, numbers } = useLines(order, canCancel);
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const cancel = useAction(cancelOrder);
  const input = {
    params: { orderNumber: order.orderNumber },
    body: { lines: numbers, reason: reason.trim() },
  };
  return (
    <FormDialog
      title={`Cancel lines of ${order.orderNumber}`}
      act={`Cancel ${count(numbers.length, 'line')}`}
      destructive
      blocked={
        numbers.length === 0
          ? 'Choose at least one line.'
          : reason.trim() === ''
            ? 'Say why first.'
            : typed.trim() === order.orderNumber
              ? null
              : `Type “${order.orderNumber}” to go on.`
      }
      acting={cancel.isPending}
      error={cancel.error}
      onClose={onClose}
      onAct={() =>
        cancel.mutate(input, {
          onSuccess: () => {
            notifyDone(`${count(numbers.length, 'line')} of ${order.orderNumber} cancelled.`);
            onClose();
          },
        })
      }
      apiCall={<ApiCall operation={cancelOrder} input={input} />}
    >
      <p>A cancelled line is never delivered. It cannot be taken back: book it anew instead.</p>
      <LinePicker lines={lines} chosen={chosen} onChange={choose} />
      <TextInput
        label="Reason"
        maxLength={500}
        required
        withAsterisk={false}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <TextInput
        label={`Type “${order.orderNumber}” to confirm`}
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
