import { getMyData, getMySecurity, listAccountMoves, listMyAccessRequests } from '@estover/protocol';
import type { QueryClient } from '@tanstack/react-query';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { operationQuery, pagesQuery } from '../api.ts';
import { notificationsSearch } from '../pages/notifications/search.ts';
import * as word from '../search.ts';
import { account, signedIn } from './root.tsx';

/* The person's own pages. One that stands in an account as well, beside its pages, is said once and hung twice. */

/** What loaders are given wherever a page stands. */
interface Loading {
  context: { queryClient: QueryClient };
}

/** The person's own security: one page, beside those of an account or by itself. */
const securityPage = {
  path: '/security' as const,
  validateSearch: z.object({ linked: word.text, proof: word.text }),
  loader: ({ context }: Loading) => {
    void context.queryClient.prefetchQuery(operationQuery(getMySecurity, {}));
  },
  component: lazyRouteComponent(() => import('../pages/security/SecurityPage.tsx')),
};

export const security = createRoute({ getParentRoute: () => signedIn, ...securityPage });

export const accountSecurity = createRoute({ getParentRoute: () => account, ...securityPage });

/** What the person hears of by mail, in one account or in all of theirs. */
const notificationsPage = {
  path: '/notifications' as const,
  validateSearch: notificationsSearch,
  component: lazyRouteComponent(() => import('../pages/notifications/NotificationsPage.tsx')),
};

export const notifications = createRoute({ getParentRoute: () => signedIn, ...notificationsPage });

export const accountNotifications = createRoute({ getParentRoute: () => account, ...notificationsPage });

/** What is stored about whoever is signed in; with an account in the address, beside its pages. */
const yourDataPage = {
  path: '/your-data' as const,
  loader: ({ context }: Loading) => {
    void context.queryClient.prefetchQuery(operationQuery(getMyData, {}));
  },
  component: lazyRouteComponent(() => import('../pages/your-data/YourDataPage.tsx')),
};

export const yourData = createRoute({ getParentRoute: () => signedIn, ...yourDataPage });

export const accountYourData = createRoute({ getParentRoute: () => account, ...yourDataPage });

export const requestAccess = createRoute({
  getParentRoute: () => signedIn,
  path: '/request-access',
  validateSearch: z.object({ identifier: word.text }),
  loader: ({ context }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listMyAccessRequests, { query: {} }));
  },
  component: lazyRouteComponent(() => import('../pages/request-access/RequestAccessPage.tsx')),
});

/** Merges and splits; not in an account, for somebody may be asked who has none yet. */
export const accountMoves = createRoute({
  getParentRoute: () => signedIn,
  path: '/account-moves',
  loader: ({ context }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAccountMoves, { query: {} }));
  },
  component: lazyRouteComponent(() => import('../pages/account-moves/AccountMovesPage.tsx')),
});

export const accountMove = createRoute({
  getParentRoute: () => signedIn,
  path: '/account-moves/$moveId',
  component: lazyRouteComponent(() => import('../pages/account-moves/MovePage.tsx')),
});
