import { updateVirtualAccount } from '@estover/protocol';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { formatNumber, formatPath } from '../../format.ts';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { Amount, Balance } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts } from '../../parts/SplitPanel.tsx';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import { CreateDialog } from './CreateDialog.tsx';
import { DeleteDialog } from './DeleteDialog.tsx';
import { EditDialog } from './EditDialog.tsx';
import { MoveDialog } from './MoveDialog.tsx';
import { TagsDialog } from './TagsDialog.tsx';
import styles from './virtual-accounts.module.css';

type Dialog = 'create' | 'edit' | 'tags' | 'default' | 'move' | 'delete';

/** One virtual account beside the tree: its figures alone and with everything nested, and what can be done with it. */
export function VirtualAccountPanel(props: {
  virtualAccount: VirtualAccount;
  all: readonly VirtualAccount[];
}) {
  const { virtualAccount, all } = props;
  const account = useAccount();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  const manage = account.reasonAgainst('manage-virtual-account');
  const { virtualAccountId, isDefault } = virtualAccount;
  const defaultStays = isDefault
    ? 'The default virtual account stays. Make another one the default first.'
    : null;
  return (
    <>
      {virtualAccount.description !== '' && <p className={styles.text}>{virtualAccount.description}</p>}
      <Facts
        facts={[
          ['Path', formatPath(virtualAccount.path)],
          [
            'Names are seen by partners',
            virtualAccount.accessLevel === 'restricted' ? 'no, restricted' : 'yes',
          ],
          ['Default', isDefault ? 'yes: deliveries without a destination arrive here' : 'no'],
          ['Tags', <CarriedTags key="tags" virtualAccount={virtualAccount} />],
        ]}
      />
      <Figures virtualAccount={virtualAccount} />
      <Facts
        facts={[
          [
            'Inventory',
            <span key="inventory">
              <PlaceLink to={paths.licenses(account.accountId, { virtualAccountId })}>Licenses</PlaceLink>
              {' ('}
              <PlaceLink to={paths.licenses(account.accountId, { virtualAccountId, nested: false })}>
                of it alone
              </PlaceLink>
              {') · '}
              <PlaceLink to={paths.overview(account.accountId, { virtualAccountId })}>Overview</PlaceLink>
              {' · '}
              <PlaceLink to={paths.productInstances(account.accountId, { virtualAccountId })}>
                Product instances
              </PlaceLink>
            </span>,
          ],
        ]}
      />
      <div className={styles.acts}>
        <ReasonedButton
          reason={account.reasonAgainst('create-nested-virtual-account')}
          onClick={() => setDialog('create')}
        >
          Create under it
        </ReasonedButton>
        <ReasonedButton reason={manage} onClick={() => setDialog('edit')}>
          Rename or describe
        </ReasonedButton>
        <ReasonedButton reason={manage} onClick={() => setDialog('tags')}>
          Set tags
        </ReasonedButton>
        <ReasonedButton
          reason={manage ?? (isDefault ? 'It is the default already.' : null)}
          onClick={() => setDialog('default')}
        >
          Make default
        </ReasonedButton>
        <ReasonedButton reason={manage} onClick={() => setDialog('move')}>
          Move
        </ReasonedButton>
        <ReasonedButton color="bad" reason={manage ?? defaultStays} onClick={() => setDialog('delete')}>
          Delete
        </ReasonedButton>
      </div>
      {dialog === 'create' && <CreateDialog parentId={virtualAccountId} onClose={close} />}
      {dialog === 'edit' && <EditDialog virtualAccount={virtualAccount} onClose={close} />}
      {dialog === 'tags' && <TagsDialog virtualAccount={virtualAccount} onClose={close} />}
      {dialog === 'default' && <DefaultDialog virtualAccount={virtualAccount} onClose={close} />}
      {dialog === 'move' && <MoveDialog virtualAccount={virtualAccount} all={all} onClose={close} />}
      {dialog === 'delete' && <DeleteDialog virtualAccount={virtualAccount} all={all} onClose={close} />}
    </>
  );
}

/** What a virtual account is tagged with; each leads to all that carry the same. */
function CarriedTags({ virtualAccount: { virtualAccountId, tags } }: { virtualAccount: VirtualAccount }) {
  const { accountId } = useAccount();
  if (tags.length === 0) return 'none';
  return (
    <ul className={styles.tags}>
      {tags.map(({ key, tagValueId, value }) => (
        <li key={tagValueId}>
          {key}:{' '}
          <PlaceLink
            to={paths.virtualAccounts(accountId, { tag: tagValueId, open: virtualAccountId })}
            keepScroll
          >
            {value}
          </PlaceLink>
        </li>
      ))}
    </ul>
  );
}

const figureRows = [
  ['Owned', 'owned'],
  ['Not started', 'pending'],
  ['Reserved', 'reserved'],
  ['Held', 'held'],
  ['In use', 'inUse'],
  ['Ends in 90 days', 'endingWithin90Days'],
  ['Product instances', 'productInstances'],
  ['Pools', 'pools'],
  ['Pools short', 'poolsShort'],
] as const;

function Figures({ virtualAccount: { own, nested } }: { virtualAccount: VirtualAccount }) {
  if (own === undefined || nested === undefined) return null;
  return (
    <table className={styles.figures}>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Figure</span>
          </th>
          <th scope="col">Alone</th>
          <th scope="col">With nested</th>
        </tr>
      </thead>
      <tbody>
        {figureRows.map(([name, key]) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            <td>
              <Amount value={own[key]} />
            </td>
            <td>
              <Amount value={nested[key]} />
            </td>
          </tr>
        ))}
        <tr>
          <th scope="row">Balance</th>
          <td>
            <Balance value={own.balance} />
          </td>
          <td>
            <Balance value={nested.balance} />
          </td>
        </tr>
      </tbody>
    </table>
  );
}

function DefaultDialog({ virtualAccount, onClose }: { virtualAccount: VirtualAccount; onClose: () => void }) {
  const { accountId } = useAccount();
  const update = useAction(updateVirtualAccount);
  const { virtualAccountId, name } = virtualAccount;
  // The default cannot be restricted, so that one that is opens up in the same step.
  const opensUp = virtualAccount.accessLevel === 'restricted';
  const input = {
    params: { accountId, virtualAccountId },
    body: { isDefault: true as const, ...(opensUp ? { accessLevel: 'unrestricted' as const } : {}) },
  };
  return (
    <ConfirmDialog
      title={`Make ${name} the default`}
      act={`Make ${name} the default`}
      acting={update.isPending}
      error={update.error}
      onClose={onClose}
      onAct={() =>
        update.mutate(input, {
          onSuccess: () => {
            notifyDone(`${name} is the default now.`);
            onClose();
          },
        })
      }
      call={{ operation: updateVirtualAccount, input }}
    >
      <p>
        Deliveries that name no virtual account arrive here from now on. What was delivered stays where it is.
        {(virtualAccount.nested?.owned ?? 0) > 0 &&
          ` ${formatNumber(virtualAccount.nested?.owned ?? 0)} licenses lie here and below.`}
      </p>
      {opensUp && <p>Partners see its name then: the default virtual account is never restricted.</p>}
    </ConfirmDialog>
  );
}
