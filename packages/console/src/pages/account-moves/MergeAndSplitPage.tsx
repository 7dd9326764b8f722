import { useNavigate } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { type Place, paths } from '../../paths.ts';
import { MoveList } from './MoveList.tsx';

/** Where merging an account with another one, and splitting some of it off, begin and are followed. */
export default function MergeAndSplitPage() {
  const { accountId, name, reasonAgainst } = useAccount();
  const navigate = useNavigate();
  const reason = reasonAgainst('manage-account-settings');
  const go = ({ to, params = {} }: Place) => void navigate({ to, params });
  return (
    <>
      <PageHead
        title="Merge and split"
        sentence="Both sides agree before anything happens, and it can be undone for 7 days."
        back={{ to: paths.settings(accountId), label: 'Settings' }}
        actions={
          <>
            <ReasonedButton reason={reason} onClick={() => go(paths.proposeSplit(accountId))}>
              Split off a new account…
            </ReasonedButton>
            <ReasonedButton reason={reason} onClick={() => go(paths.proposeMerge(accountId))}>
              Merge {name}…
            </ReasonedButton>
          </>
        }
      />
      <MoveList accountId={accountId} />
    </>
  );
}
