import {
  getDesk,
  listAccountRequests,
  listAccounts,
  listAgreementVersions,
  listAllPeople,
  listMails,
  listOrders,
  listPlatformEvents,
  listRecoveries,
  listStaff,
  listSupportAccesses,
} from '@estover/protocol';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { operationQuery, pagesQuery } from '../api.ts';
import { platformEventFilters, platformEventsSearch } from '../pages/events/search.ts';
import { ordersSearch } from '../pages/orders/search.ts';
import {
  accountRequestsSearch,
  agreementsSearch,
  catalogSearch,
  outboxSearch,
  platformAccountsSearch,
  privacySearch,
  supportAccessesSearch,
} from '../pages/platform/search.ts';
import { signedIn } from './root.tsx';

/* Pages of the publisher's staff, for the whole installation. */

/** What waits for the publisher's staff. */
export const desk = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/desk',
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(operationQuery(getDesk, {}));
  },
  component: lazyRouteComponent(() => import('../pages/support/DeskPage.tsx')),
});

/** The publisher's staff and its platform roles. */
export const staff = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/staff',
  loader: ({ context }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listStaff, {}));
  },
  component: lazyRouteComponent(() => import('../pages/staff/StaffPage.tsx')),
});

/** Accounts that support has open or asked for. */
export const support = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/support-accesses',
  validateSearch: supportAccessesSearch,
  loader: ({ context }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listSupportAccesses, { query: {} }));
  },
  component: lazyRouteComponent(() => import('../pages/support/SupportAccessesPage.tsx')),
});

/** Ways back in that two operators open together. */
export const recoveries = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/recoveries',
  loader: ({ context }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listRecoveries, {}));
  },
  component: lazyRouteComponent(() => import('../pages/support/RecoveriesPage.tsx')),
});

/** Every account of the installation. */
export const accounts = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/accounts',
  validateSearch: platformAccountsSearch,
  loaderDeps: ({ search: { search } }) => ({ search }),
  loader: ({ context, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAccounts, { query: deps }));
  },
  component: lazyRouteComponent(() => import('../pages/platform/AccountsPage.tsx')),
});

/** Requests for accounts. */
export const accountRequests = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/account-requests',
  validateSearch: accountRequestsSearch,
  loaderDeps: ({ search: { open: _, ...filters } }) => filters,
  loader: ({ context, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAccountRequests, { query: deps }));
  },
  component: lazyRouteComponent(() => import('../pages/platform/AccountRequestsPage.tsx')),
});

export const catalog = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/catalog',
  validateSearch: catalogSearch,
  component: lazyRouteComponent(() => import('../pages/platform/CatalogPage.tsx')),
});

export const orders = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/orders',
  validateSearch: ordersSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listOrders, { query: deps }));
  },
  component: lazyRouteComponent(() => import('../pages/orders/PlatformOrdersPage.tsx')),
});

export const order = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/orders/$orderNumber',
  component: lazyRouteComponent(() => import('../pages/orders/PlatformOrderPage.tsx')),
});

export const importOrders = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/import-orders',
  component: lazyRouteComponent(() => import('../pages/orders/ImportOrdersPage.tsx')),
});

/** The texts that accounts accept. */
export const agreements = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/agreements',
  validateSearch: agreementsSearch,
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(operationQuery(listAgreementVersions, {}));
  },
  component: lazyRouteComponent(() => import('../pages/platform/AgreementTextsPage.tsx')),
});

/** What is stored about people, and who was removed. */
export const privacy = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/privacy',
  validateSearch: privacySearch,
  loader: ({ context }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAllPeople, { query: {} }));
  },
  component: lazyRouteComponent(() => import('../pages/platform/PrivacyPage.tsx')),
});

/** Mails of the installation. */
export const outbox = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/outbox',
  validateSearch: outboxSearch,
  loaderDeps: ({ search: { open: _, ...filters } }) => filters,
  loader: ({ context, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listMails, { query: deps }));
  },
  component: lazyRouteComponent(() => import('../pages/platform/OutboxPage.tsx')),
});

/** What was changed on the platform. */
export const events = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/events',
  validateSearch: platformEventsSearch,
  loaderDeps: ({ search: { open: _, ...filters } }) => filters,
  loader: ({ context, deps }) => {
    const query = platformEventFilters(deps);
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listPlatformEvents, { query }));
  },
  component: lazyRouteComponent(() => import('../pages/platform/PlatformEventsPage.tsx')),
});
