import { type AnswerOf, deleteVirtualAccount, ProblemError } from '@estover/protocol';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useDryRun } from '../../api.ts';
import { count, formatPath } from '../../format.ts';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { VirtualAccountSelect } from '../../parts/VirtualAccountPicker.tsx';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { People } from './People.tsx';
import { subtreeOf } from './tree.ts';
import styles from './virtual-accounts.module.css';

interface DeleteDialogProps {
  virtualAccount: VirtualAccount;
  all: readonly VirtualAccount[];
  onClose: () => void;
}

/** Deletes a virtual account. What is in it goes to another one in the same step. */
export function DeleteDialog({ virtualAccount, all, onClose }: DeleteDialogProps) {
  const { accountId } = useAccount();
  const navigate = useNavigate();
  const remove = useAction(deleteVirtualAccount);
  const { virtualAccountId, name } = virtualAccount;
  const [contentsTo, setContentsTo] = useState<string | null>(null);
  const [elsewhere, setElsewhere] = useState<Elsewhere>(nowhereElse);
  const inside = subtreeOf(all, virtualAccountId);
  const { licensesTo, productInstancesTo, tokensTo, childrenTo } = elsewhere;
  const input = {
    params: { accountId, virtualAccountId },
    query: {
      ...(contentsTo === null ? {} : { contentsTo }),
      ...(licensesTo === null ? {} : { licensesTo }),
      ...(productInstancesTo === null ? {} : { productInstancesTo }),
      ...(tokensTo === null ? {} : { tokensTo }),
      ...(childrenTo === null ? {} : { childrenTo }),
    },
  };
  const preview = useDryRun(deleteVirtualAccount, input);
  // An empty one can be deleted as it is; the server's refusal to do so is how the dialog learns that it is not.
  const needsTarget =
    contentsTo === null &&
    preview.error instanceof ProblemError &&
    preview.error.problem.code === 'virtual-account-not-empty';
  const moved = preview.data?.moved;
  const target = all.find((one) => one.virtualAccountId === contentsTo);
  return (
    <ConfirmDialog
      title={`Delete ${name}`}
      act={`Delete ${name}`}
      typeName={name}
      acting={remove.isPending}
      error={remove.error ?? (needsTarget ? null : preview.error)}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: () => {
            notifyDone(`Deleted ${formatPath(virtualAccount.path)}.`);
            onClose();
            const tree = paths.virtualAccounts(accountId);
            void navigate({ to: tree.to, params: tree.params ?? {} });
          },
        })
      }
      call={{ operation: deleteVirtualAccount, input }}
      blocked={needsTarget ? 'Choose where its contents go.' : null}
    >
      <p>This cannot be undone. Its events stay.</p>
      {(needsTarget || contentsTo !== null) && (
        <VirtualAccountSelect
          label="Its contents go to"
          description="Licenses, product instances and what is nested in it; its tokens are revoked."
          placeholder="Choose a virtual account"
          value={contentsTo}
          except={(id) => inside.has(id)}
          onChange={setContentsTo}
        />
      )}
      {contentsTo !== null && (
        <details className={styles.elsewhere}>
          <summary>Send some of it elsewhere</summary>
          {elsewhereFields.map(({ name, label, description }) => (
            <VirtualAccountSelect
              key={name}
              label={label}
              description={description}
              placeholder={name === 'tokensTo' ? 'Nowhere: they are revoked' : 'With the rest'}
              clearable
              value={elsewhere[name]}
              except={(id) => (name === 'childrenTo' ? inside.has(id) : id === virtualAccountId)}
              onChange={(id) => setElsewhere((before) => ({ ...before, [name]: id }))}
            />
          ))}
        </details>
      )}
      {moved !== undefined && preview.error === null && (
        <section className={styles.preview} aria-label="What happens" aria-busy={preview.isPending}>
          <p aria-live="polite">
            {movedWords(
              moved,
              target === undefined ? null : formatPath(target.path),
              Object.values(elsewhere).some((id) => id !== null),
            )}
          </p>
          <AccessChanges access={preview.data?.access} />
        </section>
      )}
    </ConfirmDialog>
  );
}

/** Where one kind of contents goes, if not with the rest. */
interface Elsewhere {
  licensesTo: string | null;
  productInstancesTo: string | null;
  tokensTo: string | null;
  childrenTo: string | null;
}

const nowhereElse: Elsewhere = {
  licensesTo: null,
  productInstancesTo: null,
  tokensTo: null,
  childrenTo: null,
};

const elsewhereFields = [
  {
    name: 'licensesTo',
    label: 'Licenses go to',
    description: 'With order lines on their way and delivery rules.',
  },
  { name: 'productInstancesTo', label: 'Product instances go to', description: 'With what they use.' },
  { name: 'tokensTo', label: 'Tokens register into', description: 'Those that still admit somebody.' },
  { name: 'childrenTo', label: 'What is nested in it goes under', description: 'With all that it holds.' },
] as const;

type Answer = AnswerOf<typeof deleteVirtualAccount>;

/** What goes where: only what there is. */
function movedWords(moved: Answer['moved'], target: string | null, isSplit: boolean): string {
  const things = [
    ...(moved.licenses > 0 ? [count(moved.licenses, 'license')] : []),
    ...(moved.productInstances > 0 ? [count(moved.productInstances, 'product instance')] : []),
    ...(moved.children > 0 ? [count(moved.children, 'virtual account')] : []),
    ...(moved.tokens > 0 ? [count(moved.tokens, 'token')] : []),
    ...(moved.deliveryRules > 0 ? [count(moved.deliveryRules, 'delivery rule')] : []),
  ];
  const ended = [
    ...(moved.tokensRevoked > 0 ? [` ${count(moved.tokensRevoked, 'token')} revoked.`] : []),
    ...(moved.deliveryRulesRemoved > 0
      ? [` ${count(moved.deliveryRulesRemoved, 'delivery rule')} that lead here removed.`]
      : []),
  ].join('');
  if (target === null || things.length === 0) return `It is empty: nothing moves.${ended}`;
  return `${isSplit ? `To ${target}, or where you chose` : `To ${target}`}: ${things.join(', ')}.${ended}`;
}

/** Who gains and who loses access to what it held and to what was nested in it. */
function AccessChanges({ access }: { access: Answer['access'] | undefined }) {
  if (access === undefined) return null;
  const { contents, children } = access;
  return (
    <>
      <div className={styles.changes}>
        <People title="Gain access to what it held" people={contents.gain} />
        <People title="Lose access to what it held" people={contents.lose} />
      </div>
      {children.gain.length + children.lose.length > 0 && (
        <div className={styles.changes}>
          <People title="Gain access to what is nested in it" people={children.gain} />
          <People title="Lose access to what is nested in it" people={children.lose} />
        </div>
      )}
    </>
  );
}
