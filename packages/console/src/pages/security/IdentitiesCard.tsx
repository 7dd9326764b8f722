import { type AnswerOf, type getMySecurity, removeIdentity } from '@estover/protocol';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { Moment, TagText } from '../../parts/figures.tsx';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { linkIdentity } from '../../session.ts';
import { withProof } from '../../step-up.ts';

type Security = AnswerOf<typeof getMySecurity>;
type Identity = Security['identities'][number];

const columnsWith = (unlink: (identity: Identity) => void, reason: string | null): Column<Identity>[] => [
  { key: 'domain', title: 'Company', cell: ({ domain }) => domain },
  { key: 'issuer', title: 'Issuer', cell: ({ issuer }) => <TagText>{issuer}</TagText> },
  { key: 'used', title: 'Last used', cell: ({ lastUsedAt }) => <Moment at={lastUsedAt} /> },
  {
    key: 'actions',
    title: 'Actions',
    cell: (identity) => (
      <ReasonedButton
        size="xs"
        color="bad"
        reason={reason}
        aria-label={`Unlink ${identity.domain}`}
        onClick={() => unlink(identity)}
      >
        Unlink…
      </ReasonedButton>
    ),
  },
];

/** Who the person is at their company's sign-in: linked while they are signed in, and unlinked. */
export function IdentitiesCard({
  security: { identities, singleSignOn, hasPassword },
}: {
  security: Security;
}) {
  const [unlinking, setUnlinking] = useState<Identity | null>(null);
  const link = useMutation({
    mutationFn: () => withProof(linkIdentity),
    onSuccess: (url) => window.location.assign(url),
    onError: notifyProblem,
  });
  const onlyWay = !hasPassword && identities.length === 1;
  const linkButton = (
    <ReasonedButton
      reason={
        singleSignOn === null
          ? 'No sign-in of a company is set for your mail domain. An administrator of your account can set one.'
          : null
      }
      loading={link.isPending}
      onClick={() => link.mutate()}
    >
      Link with your company
    </ReasonedButton>
  );
  return (
    <Card title="Identities" side={linkButton}>
      <DataTable
        label="Identities"
        columns={columnsWith(
          setUnlinking,
          onlyWay ? 'You have no password: nothing else signs you in. Choose one first.' : null,
        )}
        rows={[...identities]}
        rowKey={({ identityId }) => identityId}
        isPending={false}
        error={null}
        empty={
          <EmptyState title="You are not linked with a company’s sign-in">
            Once you are, your company’s own sign-in signs you in, without a password of yours here.
          </EmptyState>
        }
      />
      {unlinking !== null && <UnlinkDialog identity={unlinking} onClose={() => setUnlinking(null)} />}
    </Card>
  );
}

function UnlinkDialog({ identity, onClose }: { identity: Identity; onClose: () => void }) {
  const remove = useAction(removeIdentity);
  const input = { params: { identityId: identity.identityId } };
  return (
    <ConfirmDialog
      title={`Unlink ${identity.domain}`}
      act={`Unlink ${identity.domain}`}
      destructive
      acting={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate(input, {
          onSuccess: () => {
            notifyDone(`The sign-in at ${identity.domain} does not sign you in any more.`);
            onClose();
          },
        })
      }
      call={{ operation: removeIdentity, input }}
    >
      <p>It does not sign you in any more until you link it again.</p>
    </ConfirmDialog>
  );
}
