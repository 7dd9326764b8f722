import { declineAccountMove, undoAccountMove, withdrawAccountMove } from '@estover/protocol';
import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAction, useDryRun } from '../../api.ts';
import { count } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { InTheWay } from './MovePreview.tsx';
import { type Move, moveTitle } from './move-words.ts';

function ReasonField(props: { value: string; onChange: (value: string) => void }) {
  return (
    <Textarea
      label="Why"
      description="Both sides read it."
      maxLength={500}
      autosize
      minRows={2}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}

/** Ends a proposal: the side that is asked declines it, the side that asked takes it back. */
export function CloseDialog(props: { move: Move; how: 'decline' | 'withdraw'; onClose: () => void }) {
  const { move, how, onClose } = props;
  const [reason, setReason] = useState('');
  const operation = how === 'decline' ? declineAccountMove : withdrawAccountMove;
  const action = useAction(operation);
  const input = { params: { moveId: move.moveId }, body: { reason: reason.trim() } };
  const act = how === 'decline' ? 'Decline' : 'Take it back';
  return (
    <FormDialog
      title={moveTitle(move)}
      act={act}
      onAct={() =>
        action.mutate(input, {
          onSuccess: () => {
            notifyDone(how === 'decline' ? 'Declined.' : 'Taken back.');
            onClose();
          },
        })
      }
      onClose={onClose}
      acting={action.isPending}
      error={action.error}
      blocked={reason.trim() === '' ? 'Say why.' : null}
      apiCall={<ApiCall operation={operation} input={input} />}
    >
      <ReasonField value={reason} onChange={setReason} />
    </FormDialog>
  );
}

/** Takes a merge or split back. Says first what goes back, and what keeps it from doing so. */
export function UndoDialog({ move, onClose }: { move: Move; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const undo = useAction(undoAccountMove);
  const params = { moveId: move.moveId };
  const preview = useDryRun(undoAccountMove, { params, body: { reason: 'Preview' } });
  const input = { params, body: { reason: reason.trim() } };
  const found = preview.data;
  const blocked =
    found === undefined
      ? 'Looking what would go back.'
      : found.inTheWay.length > 0
        ? 'Mend what is in the way first.'
        : reason.trim() === ''
          ? 'Say why.'
          : null;
  const amount = count(found?.virtualAccounts ?? 0, 'virtual account');
  return (
    <FormDialog
      title={`Undo: ${moveTitle(move)}`}
      act={found === undefined ? 'Undo' : `Give ${amount} back to ${move.from.name}`}
      destructive
      onAct={() =>
        undo.mutate(input, {
          onSuccess: () => {
            notifyDone(`Undone: ${move.from.name} has its own again.`);
            onClose();
          },
        })
      }
      onClose={onClose}
      acting={undo.isPending}
      error={undo.error ?? preview.error}
      blocked={blocked}
      apiCall={<ApiCall operation={undoAccountMove} input={input} />}
    >
      {found !== undefined && (
        <>
          <InTheWay inTheWay={found.inTheWay} />
          {found.inTheWay.length === 0 && (
            <p aria-live="polite">
              {amount}, {count(found.licenses, 'license')} and{' '}
              {count(found.productInstances, 'product instance')} go back to {move.from.name}, with what
              happened to them since.
            </p>
          )}
        </>
      )}
      <ReasonField value={reason} onChange={setReason} />
    </FormDialog>
  );
}
