import { deleteTagKey } from '@estover/protocol';
import { useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { count } from '../../format.ts';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import type { TagKey } from './TagDialogs.tsx';

/** Deletes a tag with its values. Says first how many virtual accounts lose theirs, and confirms so many. */
export function DeleteTagDialog({ tagKey, onClose }: { tagKey: TagKey; onClose: () => void }) {
  const { accountId } = useAccount();
  const remove = useAction(deleteTagKey);
  const { tagKeyId, name, values } = tagKey;
  const params = { accountId, tagKeyId };
  const preview = useDryRun(deleteTagKey, { params });
  const carrying = preview.data?.removedFrom;
  const input = { params, query: { confirmedVirtualAccounts: carrying ?? 0 } };
  return (
    <ConfirmDialog
      title={`Delete ${name}`}
      act={
        carrying === undefined || carrying === 0
          ? `Delete ${name}`
          : `Delete ${name} from ${count(carrying, 'virtual account')}`
      }
      typeName={name}
      acting={remove.isPending}
      error={remove.error ?? preview.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: () => {
            notifyDone(`Deleted the tag ${name}.`);
            onClose();
          },
        })
      }
      blocked={carrying === undefined ? 'Looking who carries it.' : null}
      call={{ operation: deleteTagKey, input }}
    >
      <p aria-live="polite">
        It goes with its {count(values.length, 'value')}, which cannot be undone; events still tell what was.
        {carrying !== undefined &&
          (carrying === 0
            ? ' No virtual account carries it.'
            : ` ${count(carrying, 'virtual account carries it and loses', 'virtual accounts carry it and lose')} it.`)}
      </p>
    </ConfirmDialog>
  );
}
