import { viewMinutes } from '@estover/domain/access';
import { beginViewAs } from '@estover/protocol';
import { useNavigate } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { paths } from '../../paths.ts';
import type { Person } from './access-words.ts';

/** Looks at the account as a person sees it, for a short time and without changing anything. */
export function ViewAsDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const { accountId } = useAccount();
  const navigate = useNavigate();
  const begin = useAction(beginViewAs);
  const input = { params: { accountId, personId: person.personId } };
  return (
    <ConfirmDialog
      title={`See the account as ${person.name}`}
      act={`See as ${person.name}`}
      acting={begin.isPending}
      error={begin.error}
      onClose={onClose}
      onAct={() =>
        begin.mutate(input, {
          onSuccess: () => {
            onClose();
            const { to, params } = paths.virtualAccounts(accountId);
            void navigate({ to, params: params ?? {} });
          },
        })
      }
      call={{ operation: beginViewAs, input }}
    >
      <p>
        Every page of this account shows what {person.name} gets, for {viewMinutes} minutes at the most or
        until you end it. Nothing can be changed meanwhile. An event says that you looked.
      </p>
    </ConfirmDialog>
  );
}
