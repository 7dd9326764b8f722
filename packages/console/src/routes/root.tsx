import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  lazyRouteComponent,
  notFound,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { type Me, meQuery } from '../account.tsx';
import { type Place, paths } from '../paths.ts';
import { needsSignIn } from '../problems.ts';
import { ErrorDoor, NotFoundDoor } from '../shell/ErrorPage.tsx';
import { Shell } from '../shell/Shell.tsx';

/* What every page hangs below, and where somebody lands who named no page. */

export const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  errorComponent: ErrorDoor,
  notFoundComponent: NotFoundDoor,
});

/** Everything behind sign-in. */
export const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Shell,
  loader: async ({ context, location }) => {
    try {
      return await context.queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (!needsSignIn(error)) throw error;
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
    }
  },
});

export const account = createRoute({
  getParentRoute: () => signedIn,
  path: '/accounts/$accountId',
  loader: async ({ context, params }) => {
    const me = await context.queryClient.ensureQueryData(meQuery);
    if (!me.accounts.some(({ accountId }) => accountId === params.accountId)) throw notFound();
  },
  component: lazyRouteComponent(() => import('../pages/AccountPages.tsx')),
});

/** The first page of an account: the overview, or the tree where the inventory is not to be seen. */
function firstPageOf({ accountId, actions }: Me['accounts'][number]): Pick<Place, 'to' | 'params'> {
  const page = actions.includes('view-inventory') ? paths.overview : paths.virtualAccounts;
  const { to, params } = page(accountId);
  return { to, params };
}

/** The first page: that of the first account, or of the platform. */
export const home = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  loader: async ({ context }) => {
    const me = await context.queryClient.ensureQueryData(meQuery);
    const account = me.accounts.find(({ support }) => support === null);
    if (account !== undefined) throw redirect(firstPageOf(account));
    if (me.platformActions.includes('view-accounts')) throw redirect({ to: paths.platformDesk().to });
    if (me.needsSecondFactor) throw redirect({ to: paths.security().to });
  },
  component: lazyRouteComponent(() => import('../shell/NoAccountPage.tsx')),
});

/** An account's address without a page: somebody cut a longer one short. */
export const accountHome = createRoute({
  getParentRoute: () => account,
  path: '/',
  loader: async ({ context, params }) => {
    const me = await context.queryClient.ensureQueryData(meQuery);
    const found = me.accounts.find(({ accountId }) => accountId === params.accountId);
    if (found !== undefined) throw redirect(firstPageOf(found));
  },
});
