import { useMe } from '../account.tsx';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { PageHead } from '../parts/PageHead.tsx';
import { PlaceLink } from '../parts/PlaceLink.tsx';
import { paths } from '../paths.ts';
import { shown } from '../shown.ts';

/** For a person who belongs to no account (any more). */
export default function NoAccountPage() {
  const me = useMe();
  return (
    <>
      <PageHead title="No account yet" sentence={`You are signed in as ${shown(me.email ?? me.name)}.`} />
      <Card>
        <EmptyState
          title="You belong to no account"
          action={<PlaceLink to={paths.requestAccess()}>Ask for access</PlaceLink>}
        >
          Ask for a role by the account’s identifier, or have an administrator give {shown(me.email ?? 'you')}{' '}
          one. If you were asked to take a new account, it is among{' '}
          <PlaceLink to={paths.accountMoves()}>merges and splits</PlaceLink>.
        </EmptyState>
      </Card>
    </>
  );
}
