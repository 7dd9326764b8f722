import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { Card } from '../parts/Card.tsx';
import { PageHead } from '../parts/PageHead.tsx';
import { PlaceLink } from '../parts/PlaceLink.tsx';
import { ProblemNotice } from '../parts/ProblemNotice.tsx';
import { paths } from '../paths.ts';
import { FrontDoor } from './FrontDoor.tsx';

/** Stands in for a page that could not be shown. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const queries = useQueryErrorResetBoundary();
  return (
    <>
      <PageHead title="This page could not be shown" sentence="Nothing was changed by it." />
      <Card padded>
        <ProblemNotice
          error={error}
          onRetry={() => {
            queries.reset();
            reset();
            void router.invalidate();
          }}
        />
        <p>
          <PlaceLink to={paths.home()}>Go to the first page</PlaceLink>
        </p>
      </Card>
    </>
  );
}

/** The same outside of the shell, such as before sign-in. */
export function ErrorDoor({ error, reset }: ErrorComponentProps) {
  return (
    <FrontDoor title="This page could not be shown" sentence="Nothing was changed by it.">
      <ProblemNotice error={error} onRetry={reset} />
    </FrontDoor>
  );
}

/** Stands in for an address that leads nowhere, outside of the shell. */
export function NotFoundDoor() {
  return (
    <FrontDoor title="Nothing is here" sentence="The address leads nowhere.">
      <PlaceLink to={paths.home()}>Go to the first page</PlaceLink>
    </FrontDoor>
  );
}

/** Stands in for an address that leads nowhere, or to something the person's roles do not reach. */
export function NotFoundPage() {
  return (
    <>
      <PageHead
        title="Nothing is here"
        sentence="The address leads nowhere, or to something your roles do not reach."
      />
      <Card padded>
        <PlaceLink to={paths.home()}>Go to the first page</PlaceLink>
      </Card>
    </>
  );
}
