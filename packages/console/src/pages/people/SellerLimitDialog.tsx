import { limitToSeller, listSellers } from '@estover/protocol';
import { Autocomplete } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useOperation } from '../../api.ts';
import { count } from '../../format.ts';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';
import { type Person, sellerLimitOf } from './access-words.ts';

/** Limits a partner to the lots that one seller sold, or lifts the limit. */
export function SellerLimitDialog({ person, onClose }: { person: Person; onClose: () => void }) {
  const { accountId } = useAccount();
  const limit = useAction(limitToSeller);
  const before = sellerLimitOf(person);
  const [seller, setSeller] = useState(before ?? '');
  const soldBy = seller.trim() === '' ? null : seller.trim();
  const input = { params: { accountId, personId: person.personId }, body: { soldBy } };
  const sellers = useOperation(listSellers, { params: { accountId } });
  const known = sellers.data?.items.find((one) => one.seller.toLowerCase() === soldBy?.toLowerCase());
  return (
    <ConfirmDialog
      title={`What ${person.name} sees`}
      act={soldBy === null ? 'Lift the limit' : `Limit to the lots of ${soldBy}`}
      destructive={soldBy !== null}
      blocked={soldBy === before ? 'Nothing is different yet.' : null}
      acting={limit.isPending}
      error={limit.error}
      onClose={onClose}
      onAct={() =>
        limit.mutate(input, {
          onSuccess: ({ apiKeysRevoked }) => {
            const keys =
              apiKeysRevoked.length === 0 ? '' : ` ${count(apiKeysRevoked.length, 'API key')} ended with it.`;
            notifyDone(
              soldBy === null
                ? `${person.name} sees all that their roles allow.`
                : `${person.name} sees the lots of ${soldBy} alone.${keys}`,
            );
            onClose();
          },
        })
      }
      call={{ operation: limitToSeller, input }}
    >
      <p>
        With a limit {person.name} sees the lots that one seller sold, in all their roles here: in every list,
        sum, export and event. They change nothing then, and API keys they made end.
      </p>
      <Autocomplete
        label="Lots sold by"
        description={
          soldBy === null
            ? 'The buyer of the orders. Leave it empty for no limit.'
            : known === undefined
              ? 'No order of this account has this buyer yet.'
              : `${count(known.lots, 'lot')} of this account`
        }
        data={sellers.data?.items.map((one) => one.seller) ?? []}
        value={seller}
        maxLength={200}
        onChange={setSeller}
        error={fieldProblem(limit.error, '/soldBy')}
        data-autofocus
      />
    </ConfirmDialog>
  );
}
