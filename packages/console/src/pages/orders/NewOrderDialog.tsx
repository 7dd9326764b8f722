import { createOrder, listAccounts, listProducts, randomId } from '@estover/protocol';
import { ActionIcon, Button, Checkbox, NumberInput, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAction, useOperation } from '../../api.ts';
import { count } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { CloseIcon } from '../../parts/icons.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { type Choice, RemoteSelect } from '../../parts/RemoteSelect.tsx';
import { paths } from '../../paths.ts';
import { fieldProblem } from '../../problems.ts';
import styles from './orders.module.css';

interface LineDraft {
  key: string;
  sku: string | null;
  quantity: number | string;
  account: string | null;
  virtualAccount: string;
  startDate: string;
}

const newLine = (account: string | null): LineDraft => ({
  key: randomId(),
  sku: null,
  quantity: 1,
  account,
  virtualAccount: '',
  startDate: '',
});

const isComplete = (line: LineDraft): boolean =>
  line.sku !== null && line.account !== null && Number(line.quantity) >= 1;

const lineFields = ['sku', 'quantity', 'account', 'virtualAccount', 'startDate'] as const;
type LineField = (typeof lineFields)[number];
const pointerOf = (position: number, field: LineField) => `/lines/${position}/${field}`;

/** Books an order by hand. */
export function NewOrderDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const book = useAction(createOrder);
  const [orderNumber, setOrderNumber] = useState('');
  const [buyer, setBuyer] = useState('');
  const [shipped, setShipped] = useState(true);
  const [lines, setLines] = useState<LineDraft[]>(() => [newLine(null)]);
  const input = {
    body: {
      orderNumber: orderNumber.trim(),
      buyer: buyer.trim(),
      lines: lines.map((line) => ({
        sku: line.sku ?? '',
        quantity: Number(line.quantity),
        account: line.account ?? '',
        state: shipped ? ('shipped' as const) : ('booked' as const),
        ...(line.virtualAccount.trim() === '' ? {} : { virtualAccount: line.virtualAccount.trim() }),
        ...(line.startDate === '' ? {} : { startDate: line.startDate }),
      })),
    },
  };
  const change = (key: string, part: Partial<LineDraft>) =>
    setLines((was) => was.map((line) => (line.key === key ? { ...line, ...part } : line)));
  return (
    <FormDialog
      title="New order"
      size="xl"
      act={`Book ${count(lines.length, 'line')}${shipped ? ' and ship' : ''}`}
      blocked={
        orderNumber.trim() === '' || buyer.trim() === ''
          ? 'Write the order number and the buyer first.'
          : lines.every(isComplete)
            ? null
            : 'Each line needs a product, a quantity and an account.'
      }
      acting={book.isPending}
      error={book.error}
      marked={[
        '/orderNumber',
        '/buyer',
        ...lines.flatMap((_, position) => lineFields.map((field) => pointerOf(position, field))),
      ]}
      onClose={onClose}
      onAct={() =>
        book.mutate(input, {
          onSuccess: ({ order }) => {
            notifyDone(`${order.orderNumber} is booked.`);
            onClose();
            const place = paths.platformOrder(order.orderNumber);
            void navigate({ to: place.to, params: place.params ?? {} });
          },
        })
      }
      apiCall={<ApiCall operation={createOrder} input={input} />}
    >
      <div className={styles.columns}>
        <TextInput
          label="Order number"
          maxLength={40}
          value={orderNumber}
          onChange={(event) => setOrderNumber(event.currentTarget.value)}
          error={fieldProblem(book.error, '/orderNumber')}
          data-autofocus
        />
        <TextInput
          label="Buyer"
          maxLength={200}
          value={buyer}
          onChange={(event) => setBuyer(event.currentTarget.value)}
          error={fieldProblem(book.error, '/buyer')}
        />
      </div>
      {lines.map((line, position) => (
        <LineFields
          key={line.key}
          line={line}
          position={position}
          error={book.error}
          onChange={(part) => change(line.key, part)}
          onRemove={
            lines.length === 1 ? null : () => setLines((was) => was.filter(({ key }) => key !== line.key))
          }
        />
      ))}
      <div>
        <Button onClick={() => setLines((was) => [...was, newLine(was.at(-1)?.account ?? null)])}>
          Add a line
        </Button>
      </div>
      <Checkbox
        label="It has shipped: deliver at once where the account is active"
        checked={shipped}
        onChange={(event) => setShipped(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}

/** Accounts that were found, and for an identifier that none of them has the one that may have been asked for. */
function accountChoices(
  found: readonly { domainIdentifier: string; name: string }[] | undefined,
  words: string | undefined,
): Choice[] {
  if (found === undefined) return [];
  const choices = found.map(({ domainIdentifier, name }) => ({
    value: domainIdentifier,
    label: `${name} · ${domainIdentifier}`,
  }));
  const asked = words?.trim().toLowerCase() ?? '';
  const isIdentifier = /^[^\s]+\.[^\s.]+$/.test(asked);
  return isIdentifier && !choices.some(({ value }) => value === asked)
    ? [...choices, { value: asked, label: `${asked} · asked for and not there yet` }]
    : choices;
}

function LineFields(props: {
  line: LineDraft;
  position: number;
  error: unknown;
  onChange: (part: Partial<LineDraft>) => void;
  onRemove: (() => void) | null;
}) {
  const { line, position, error, onChange, onRemove } = props;
  const [productWords, setProductWords] = useState<string>();
  const [accountWords, setAccountWords] = useState<string>();
  const products = useOperation(listProducts, { query: { limit: 50, search: productWords } });
  const accounts = useOperation(listAccounts, { query: { limit: 50, search: accountWords } });
  const problem = (field: LineField) => fieldProblem(error, pointerOf(position, field));
  return (
    <fieldset className={styles.line}>
      <legend className="visually-hidden">Line {position + 1}</legend>
      <RemoteSelect
        label="Product"
        placeholder="SKU or name"
        choices={(products.data?.items ?? []).map(({ sku, name }) => ({
          value: sku,
          label: `${sku} · ${name}`,
        }))}
        onSearch={setProductWords}
        value={line.sku}
        onChange={(sku) => onChange({ sku })}
        error={problem('sku')}
      />
      <NumberInput
        label="Quantity"
        min={1}
        max={1_000_000_000}
        allowDecimal={false}
        value={line.quantity}
        onChange={(quantity) => onChange({ quantity })}
        error={problem('quantity')}
      />
      {onRemove === null ? (
        <span />
      ) : (
        <ActionIcon aria-label={`Leave out line ${position + 1}`} onClick={onRemove}>
          <CloseIcon />
        </ActionIcon>
      )}
      <div className={styles.wide}>
        <RemoteSelect
          label="Account"
          placeholder="Name or domain identifier"
          choices={accountChoices(accounts.data?.items, accountWords)}
          onSearch={setAccountWords}
          value={line.account}
          onChange={(account) => onChange({ account })}
          error={problem('account')}
        />
        <TextInput
          label="Virtual account (optional)"
          placeholder="The default one; or EMEA / Lyon"
          value={line.virtualAccount}
          onChange={(event) => onChange({ virtualAccount: event.currentTarget.value })}
          error={problem('virtualAccount')}
        />
        <TextInput
          type="date"
          label="First day (optional)"
          description="Without it the term starts on delivery."
          value={line.startDate}
          onChange={(event) => onChange({ startDate: event.currentTarget.value })}
          error={problem('startDate')}
        />
      </div>
    </fieldset>
  );
}
