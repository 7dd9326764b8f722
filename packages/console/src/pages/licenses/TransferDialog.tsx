import { transferLicenses } from '@estover/protocol';
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { formatPath } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { ArrowRightIcon, PlusIcon } from '../../parts/icons.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { VirtualAccountSelect } from '../../parts/VirtualAccountPicker.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { isRefusal } from '../../problems.ts';
import styles from './TransferDialog.module.css';
import { TransferLine } from './TransferLine.tsx';
import { TransferPreview } from './TransferPreview.tsx';
import { actOf, callOf, type Draft, type DraftLine, emptyLine, missing } from './transfer-draft.ts';
import { type TransferDraft, useUndo } from './transfer-host.tsx';

/** Moves licenses between virtual accounts: several at once, all or nothing, seen before it is done. */
export default function TransferDialog({
  draft: start,
  onClose,
}: {
  draft: TransferDraft;
  onClose: () => void;
}) {
  const { accountId } = useAccount();
  const virtualAccounts = useVirtualAccounts();
  const undo = useUndo();
  const move = useAction(transferLicenses);
  const [draft, setDraft] = useState<Draft>(() => ({
    from: start.fromVirtualAccountId ?? null,
    to: start.toVirtualAccountId ?? null,
    lines:
      start.lines === undefined || start.lines.length === 0
        ? [emptyLine()]
        : start.lines.map((line) => emptyLine({ ...line, quantity: line.quantity ?? null })),
    reason: '',
  }));
  const change = (facts: Partial<Draft>) => {
    move.reset();
    setDraft((now) => ({ ...now, ...facts }));
  };
  const changeLine = (key: string, facts: Partial<DraftLine>) =>
    change({ lines: draft.lines.map((line) => (line.key === key ? { ...line, ...facts } : line)) });

  const nameOf = (id: string | null) => virtualAccounts.find((one) => one.virtualAccountId === id)?.path;
  const call = callOf(accountId, draft);
  const preview = useDryRun(transferLicenses, call);
  const from = nameOf(draft.from);
  const to = nameOf(draft.to);
  // A preview that did not arrive says nothing against the transfer.
  const blocked = missing(draft) ?? (isRefusal(preview.error) ? 'See the problem above.' : null);
  const act = actOf(draft, from?.at(-1));

  const apply = () => {
    if (call === null) return;
    move.mutate(call, {
      onSuccess: ({ movement }) => {
        const done = `${act.replace('Move', 'Moved')}${to === undefined ? '' : ` to ${formatPath(to)}`}.`;
        notifyDone(done, () => void undo(movement.movementId));
        onClose();
      },
    });
  };

  return (
    <FormDialog
      title="Transfer licenses"
      size={780}
      act={act}
      onAct={apply}
      onClose={onClose}
      acting={move.isPending}
      error={move.error ?? preview.error}
      blocked={blocked}
      apiCall={call === null ? null : <ApiCall operation={transferLicenses} input={call} />}
    >
      <div className={styles.ends}>
        <VirtualAccountSelect
          label="From"
          placeholder="Choose the source"
          value={draft.from}
          onChange={(id) =>
            change({ from: id, lines: draft.lines.map((line) => ({ ...line, lots: new Map() })) })
          }
        />
        <span>
          <ArrowRightIcon />
        </span>
        <VirtualAccountSelect
          label="To"
          placeholder="Choose the destination"
          value={draft.to}
          except={(id) => id === draft.from}
          onChange={(id) => change({ to: id })}
        />
      </div>
      <ul className={styles.lines} aria-label="Lines">
        {draft.lines.map((line, position) => (
          <li key={line.key} className={styles.line}>
            <TransferLine
              line={line}
              number={position + 1}
              from={draft.from}
              onChange={(facts) => changeLine(line.key, facts)}
              onRemove={
                draft.lines.length === 1
                  ? null
                  : () => change({ lines: draft.lines.filter((other) => other.key !== line.key) })
              }
            />
          </li>
        ))}
      </ul>
      <Button
        type="button"
        size="xs"
        className={styles.add ?? ''}
        leftSection={<PlusIcon />}
        onClick={() => change({ lines: [...draft.lines, emptyLine()] })}
      >
        Add a line
      </Button>
      <TextInput
        label="Reason"
        description="Kept with the movement and in the events."
        maxLength={500}
        value={draft.reason}
        onChange={(event) => change({ reason: event.currentTarget.value })}
      />
      {preview.data !== undefined && preview.error === null && (
        <TransferPreview result={preview.data} isPending={preview.isPending} />
      )}
    </FormDialog>
  );
}
