import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { z } from 'zod';
import { meQuery } from './account.tsx';
import { queryClient } from './api.ts';
import { paths } from './paths.ts';
import { needsSignIn } from './problems.ts';
import { ErrorPage, NotFoundPage } from './shell/ErrorPage.tsx';
import { Shell } from './shell/Shell.tsx';

/*
 * The site map. A page is a file in `pages/<capability>/`, loaded when it is first visited; its route says which
 * filters its address holds and what is read before it shows. `paths.ts` names its address, `shell/Rail.tsx` lists it.
 */

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  errorComponent: ErrorPage,
  notFoundComponent: NotFoundPage,
});

/** A word in an address that is not one of its kind is left out, so that an old link still opens its page. */
const word = z.string().max(300).optional().catch(undefined);

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ next: word, email: word }),
  component: lazyRouteComponent(() => import('./pages/sign-in/SignInPage.tsx')),
});

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  validateSearch: z.object({ token: word }),
  component: lazyRouteComponent(() => import('./pages/set-up/SetUpPage.tsx')),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  validateSearch: z.object({ token: word }),
  component: lazyRouteComponent(() => import('./pages/invitation/InvitationPage.tsx')),
});

/** Everything behind sign-in. */
const signedIn = createRoute({
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

/** The first page: that of the first account, or of the platform. */
const home = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  loader: async ({ context }) => {
    const me = await context.queryClient.ensureQueryData(meQuery);
    const account = me.accounts[0];
    if (account !== undefined) {
      const place = account.actions.includes('view-inventory') ? paths.overview : paths.virtualAccounts;
      const { to, params } = place(account.accountId);
      throw redirect({ to, params });
    }
    if (me.platformActions.includes('view-accounts')) throw redirect({ to: paths.platformAccounts().to });
  },
  component: lazyRouteComponent(() => import('./shell/NoAccountPage.tsx')),
});

const account = createRoute({
  getParentRoute: () => signedIn,
  path: '/accounts/$accountId',
  loader: async ({ context, params }) => {
    const me = await context.queryClient.ensureQueryData(meQuery);
    if (!me.accounts.some(({ accountId }) => accountId === params.accountId)) throw notFound();
  },
  component: Outlet,
});

const routeTree = root.addChildren([
  signIn,
  setUp,
  invitation,
  signedIn.addChildren([home, account.addChildren([])]),
]);

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
