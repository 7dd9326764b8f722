import { listTokens, revokeToken } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Reason, useAccount } from '../../account.tsx';
import { useAction, usePages } from '../../api.ts';
import { count, formatPath } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState, NothingMatches } from '../../parts/EmptyState.tsx';
import { FilterChips, SearchChip, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment, TagText } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { VirtualAccountChip } from '../../parts/VirtualAccountPicker.tsx';
import { CreateTokenDialog } from './CreateTokenDialog.tsx';
import { nameOf, type Token, TokenPill, tokenStates, usesInWords } from './token-words.tsx';

const route = getRouteApi('/signed-in/accounts/$accountId/tokens');

const stateOptions = Object.entries(tokenStates).map(([value, label]) => ({
  value: value as Token['state'],
  label,
}));

const columnsWith = (revokeButton: (token: Token) => ReactNode): Column<Token>[] => [
  {
    key: 'description',
    title: 'Token',
    cell: (token) => (
      <TwoLines
        name={nameOf(token)}
        below={token.description === '' ? 'no description' : <TagText>{token.prefix}</TagText>}
      />
    ),
  },
  { key: 'virtualAccount', title: 'Virtual account', cell: (token) => formatPath(token.virtualAccountPath) },
  { key: 'state', title: 'State', cell: (token) => <TokenPill token={token} /> },
  { key: 'uses', title: 'Uses', numeric: true, cell: usesInWords },
  { key: 'expires', title: 'Ends', cell: (token) => <Moment at={token.expiresAt} /> },
  { key: 'lastUsed', title: 'Last used', cell: (token) => <Moment at={token.lastUsedAt} /> },
  {
    key: 'created',
    title: 'Created',
    cell: (token) => (
      <>
        <Moment at={token.createdAt} /> by {token.createdBy}
      </>
    ),
  },
  { key: 'revoke', title: 'Actions', cell: revokeButton },
];

/** The registration tokens: secrets that let product instances into a virtual account. */
export default function TokensPage() {
  const account = useAccount();
  const { accountId } = account;
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<typeof filters>) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true });
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const list = usePages(listTokens, { params: { accountId }, query: filters });
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  const reason = account.reasonAgainst('manage-tokens');
  const active = list.items.filter((token) => token.state === 'active').length;
  const createButton = (
    <ReasonedButton variant="filled" reason={reason} onClick={() => setCreating(true)}>
      New token…
    </ReasonedButton>
  );
  const reasonAgainstRevoking = (token: Token): Reason =>
    reason ?? (token.state === 'active' ? null : 'It lets nothing in any more.');
  const columns = columnsWith((token) => (
    <ReasonedButton
      size="xs"
      color="bad"
      aria-label={`Revoke ${nameOf(token)}`}
      reason={reasonAgainstRevoking(token)}
      onClick={() => setRevoking(token)}
    >
      Revoke…
    </ReasonedButton>
  ));

  return (
    <>
      <PageHead
        title="Tokens"
        sentence={
          list.first === undefined
            ? ''
            : isFiltered
              ? `${count(list.items.length, 'token')} shown.`
              : active === 0
                ? 'No token is active: nothing new can register.'
                : `${count(active, 'active token')} let${active === 1 ? 's' : ''} product instances register.`
        }
        actions={createButton}
      />
      {creating && (
        <CreateTokenDialog virtualAccountId={filters.virtualAccountId} onClose={() => setCreating(false)} />
      )}
      {revoking !== null && <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />}
      <Card>
        <FilterChips>
          <SearchChip
            label="Search tokens"
            placeholder="Description, first characters"
            value={filters.search}
            onChange={(search) => set({ search })}
          />
          <VirtualAccountChip
            virtualAccountId={filters.virtualAccountId}
            nested={filters.nested ?? true}
            onChange={({ virtualAccountId, nested }) =>
              set({ virtualAccountId, nested: nested ? undefined : false })
            }
          />
          <SelectChip
            label="State"
            value={filters.state}
            options={stateOptions}
            onChange={(state) => set({ state })}
          />
        </FilterChips>
        <DataTable
          label="Tokens"
          keyboard
          columns={columns}
          rows={list.items}
          rowKey={(token) => token.tokenId}
          {...list.table}
          empty={
            isFiltered ? (
              <NothingMatches
                title="No token matches these filters"
                onClear={() => void navigate({ search: {}, replace: true })}
              />
            ) : (
              <EmptyState title="There is no token yet" action={createButton}>
                A token is a secret that lets product instances register into one virtual account. It ends by
                itself and can be limited to a number of uses.
              </EmptyState>
            )
          }
        />
      </Card>
    </>
  );
}

function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const { accountId } = useAccount();
  const revoke = useAction(revokeToken);
  const input = { params: { accountId, tokenId: token.tokenId } };
  return (
    <ConfirmDialog
      title={`Revoke ${nameOf(token)}`}
      act="Revoke token"
      destructive
      acting={revoke.isPending}
      error={revoke.error}
      onClose={onClose}
      onAct={() =>
        revoke.mutate(input, {
          onSuccess: () => {
            notifyDone(`${nameOf(token)} is revoked.`);
            onClose();
          },
        })
      }
      call={{ operation: revokeToken, input }}
    >
      <p>
        Nothing new registers with it from now on. The {count(token.uses, 'product instance')} that{' '}
        {token.uses === 1 ? 'did stays' : 'did stay'} registered. It cannot be taken back: make a new token
        instead.
      </p>
    </ConfirmDialog>
  );
}
