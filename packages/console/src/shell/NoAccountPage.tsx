import { useMe } from '../account.tsx';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { PageHead } from '../parts/PageHead.tsx';

/** For a person who belongs to no account (any more). */
export default function NoAccountPage() {
  const me = useMe();
  return (
    <>
      <PageHead title="No account yet" sentence={`You are signed in as ${me.email ?? me.name}.`} />
      <Card>
        <EmptyState title="You belong to no account">
          Ask an administrator of your company’s account to give {me.email ?? 'you'} a role in it.
        </EmptyState>
      </Card>
    </>
  );
}
