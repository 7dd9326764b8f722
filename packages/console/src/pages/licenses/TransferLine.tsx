import { getPool, listInventory } from '@estover/protocol';
import { ActionIcon, NumberInput, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { formatNumber } from '../../format.ts';
import { CloseIcon } from '../../parts/icons.tsx';
import { LotSource, termWords } from './LicensePanel.tsx';
import styles from './TransferDialog.module.css';
import { type DraftLine, type LineOrder, unitsOf } from './transfer-draft.ts';

const orders: { value: LineOrder; label: string }[] = [
  { value: 'longest-term-first', label: 'Longest term first' },
  { value: 'shortest-term-first', label: 'Shortest term first' },
  { value: 'named-lots', label: 'Lots I name' },
];

/** The largest quantity a line may carry, as in the protocol. */
const largest = 1_000_000_000;

interface TransferLineProps {
  line: DraftLine;
  number: number;
  /** The source; null until it is chosen. */
  from: string | null;
  onChange: (facts: Partial<DraftLine>) => void;
  /** Null where it is the only line. */
  onRemove: (() => void) | null;
}

/** One line of a transfer: which license, how many, which lots first. */
export function TransferLine({ line, number, from, onChange, onRemove }: TransferLineProps) {
  const { accountId } = useAccount();
  const [typed, setTyped] = useState('');
  const [words] = useDebouncedValue(typed === line.licenseName ? '' : typed.trim(), 200);
  const pools = useOperation(
    listInventory,
    {
      params: { accountId },
      query: {
        virtualAccountId: from ?? undefined,
        nested: false,
        by: 'pool',
        limit: 100,
        ...(words === '' ? {} : { search: words.slice(0, 100) }),
      },
    },
    { enabled: from !== null },
  );
  const rows = (from === null ? undefined : pools.data?.items) ?? [];
  const options = rows
    .filter((row) => row.available > 0 || row.tag === line.tag)
    .map((row) => ({ value: row.tag, label: row.licenseName }));
  if (line.tag !== null && !options.some((option) => option.value === line.tag)) {
    options.unshift({ value: line.tag, label: line.licenseName });
  }
  const row = rows.find((candidate) => candidate.tag === line.tag);
  const named = line.order === 'named-lots';
  return (
    <>
      <Select
        label={`License ${number}`}
        placeholder={from === null ? 'Choose the source first' : 'Choose a license'}
        description={
          row === undefined
            ? undefined
            : `${formatNumber(row.available)} here, ${formatNumber(Math.max(0, row.balance))} spare`
        }
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        disabled={from === null && line.tag === null}
        searchable
        data={options}
        value={line.tag}
        onSearchChange={setTyped}
        filter={({ options: given }) => given}
        nothingFoundMessage="Nothing here has this name"
        onChange={(tag, option) => onChange({ tag, licenseName: option?.label ?? '', lots: new Map() })}
      />
      <NumberInput
        label="Quantity"
        aria-label={`Quantity ${number}`}
        min={1}
        max={largest}
        allowDecimal={false}
        allowNegative={false}
        disabled={named}
        value={named ? unitsOf(line) : (line.quantity ?? '')}
        onChange={(value) => onChange({ quantity: typeof value === 'number' ? value : null })}
      />
      <Select
        label="Which lots"
        aria-label={`Which lots ${number}`}
        allowDeselect={false}
        data={orders}
        value={line.order}
        onChange={(order) =>
          onChange({ order: orders.find((one) => one.value === order)?.value ?? line.order })
        }
      />
      {onRemove !== null && (
        <ActionIcon className={styles.remove ?? ''} aria-label={`Remove line ${number}`} onClick={onRemove}>
          <CloseIcon />
        </ActionIcon>
      )}
      {named && line.tag !== null && from !== null && (
        <NamedLots tag={line.tag} from={from} line={line} onChange={onChange} />
      )}
    </>
  );
}

interface NamedLotsProps {
  tag: string;
  from: string;
  line: DraftLine;
  onChange: (facts: Partial<DraftLine>) => void;
}

function NamedLots({ tag, from, line, onChange }: NamedLotsProps) {
  const { accountId } = useAccount();
  const { data } = useOperation(getPool, {
    params: { accountId, tag },
    query: { virtualAccountId: from, nested: false },
  });
  const lots = (data?.row.tag === tag ? data.lots : []).filter((lot) => lot.available > 0);
  return (
    <div className={styles.lots}>
      {lots.map((lot) => (
        <div key={lot.lotId} className={styles.lot}>
          <span>
            <LotSource lot={lot} />{' '}
            <small>
              · {termWords(lot.term)} · {formatNumber(lot.available)} here
            </small>
          </span>
          <NumberInput
            size="xs"
            aria-label={`Units of ${lot.source.orderNumber ?? lot.source.kind} line ${lot.source.lineNumber ?? ''}`}
            min={0}
            max={lot.available}
            clampBehavior="strict"
            allowDecimal={false}
            allowNegative={false}
            value={line.lots.get(lot.lotId) ?? ''}
            onChange={(value) => {
              const next = new Map(line.lots);
              if (typeof value === 'number') next.set(lot.lotId, value);
              else next.delete(lot.lotId);
              onChange({ lots: next });
            }}
          />
        </div>
      ))}
      {data !== undefined && lots.length === 0 && <span>No lot has anything available here.</span>}
    </div>
  );
}
