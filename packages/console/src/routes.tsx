import {
  getOverview,
  listAccountOrders,
  listAlerts,
  listApiKeys,
  listDeliveryRules,
  listEvents,
  listGroups,
  listInventory,
  listOrders,
  listPeople,
  listProductInstances,
  listTagKeys,
  listTokens,
  listVirtualAccounts,
  listWebhooks,
} from '@estover/protocol';
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
import { accessReviewPage, requestAccessPage, requestsPage } from './access-pages.ts';
import { type Me, meQuery } from './account.tsx';
import { operationQuery, pagesQuery, queryClient } from './api.ts';
import * as pages from './page-routes.ts';
import {
  accountRequestsPage,
  accountSupportPage,
  agreementsPage,
  agreementTextsPage,
  deskPage,
  keepSecondFactorsPage,
  outboxPage,
  platformAccountsPage,
  privacyPage,
  recoveriesPage,
  securityPage,
  staffPage,
  supportAccessesPage,
  yourDataPage,
} from './page-routes.ts';
import {
  accountMovePage,
  accountMovesPage,
  mergeAndSplitPage,
  proposeMergePage,
  proposeSplitPage,
} from './pages/account-moves/routes.ts';
import { alertsSearch } from './pages/alerts/search.ts';
import { customerRequestsSearch } from './pages/customer-requests/search.ts';
import { eventFilters, eventsSearch } from './pages/events/search.ts';
import { groupsSearch } from './pages/groups/search.ts';
import { inventoryFilters, licenseSearch, licensesSearch } from './pages/licenses/search.ts';
import { ordersSearch } from './pages/orders/search.ts';
import { overviewTree } from './pages/overview/overview-words.ts';
import { peopleSearch } from './pages/people/search.ts';
import { catalogSearch } from './pages/platform/search.ts';
import { productInstancesSearch } from './pages/product-instances/search.ts';
import { reportsSearch } from './pages/reports/search.ts';
import { tokensSearch } from './pages/tokens/search.ts';
import { virtualAccountsSearch } from './pages/virtual-accounts/search.ts';
import { webhooksSearch } from './pages/webhooks/search.ts';
import { type Place, paths } from './paths.ts';
import { needsSignIn } from './problems.ts';
import * as word from './search.ts';
import { ErrorDoor, ErrorPage, NotFoundDoor, NotFoundPage } from './shell/ErrorPage.tsx';
import { Shell } from './shell/Shell.tsx';

/*
 * The site map. A page is a file in `pages/<capability>/`, loaded when it is first visited; its route says which
 * filters its address holds and what is read before it shows. `paths.ts` names its address, `shell/Rail.tsx` lists it.
 */

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  errorComponent: ErrorDoor,
  notFoundComponent: NotFoundDoor,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ next: word.text, email: word.text, problem: word.text }),
  component: lazyRouteComponent(() => import('./pages/sign-in/SignInPage.tsx')),
});

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  component: lazyRouteComponent(() => import('./pages/set-up/SetUpPage.tsx')),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./pages/invitation/InvitationPage.tsx')),
});

/** With the link of a mail that proves an address. */
const confirmMail = createRoute({
  getParentRoute: () => root,
  path: '/confirm-mail',
  component: lazyRouteComponent(() => import('./pages/confirm-mail/ConfirmMailPage.tsx')),
});

const forgotPassword = createRoute({ getParentRoute: () => root, ...pages.forgotPasswordPage });

const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  component: lazyRouteComponent(() => import('./pages/lost-password/ResetPasswordPage.tsx')),
});

const requestAccount = createRoute({
  getParentRoute: () => root,
  path: '/request-account',
  component: lazyRouteComponent(() => import('./pages/request-account/RequestAccountPage.tsx')),
});

/** With the link that whoever asked for an account gets by mail. */
const accountRequest = createRoute({
  getParentRoute: () => root,
  path: '/account-request',
  component: lazyRouteComponent(() => import('./pages/request-account/AccountRequestPage.tsx')),
});

/** With the link that the approver gets by mail. */
const acceptAccount = createRoute({
  getParentRoute: () => root,
  path: '/accept-account',
  component: lazyRouteComponent(() => import('./pages/request-account/AcceptAccountPage.tsx')),
});

/** With the link that the contact of orders gets by mail. */
const orderAccount = createRoute({
  getParentRoute: () => root,
  path: '/order-account',
  component: lazyRouteComponent(() => import('./pages/order-account/OrderAccountPage.tsx')),
});
const keepSecondFactors = createRoute({ getParentRoute: () => root, ...keepSecondFactorsPage });

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

/** The first page of an account: the overview, or the tree where the inventory is not to be seen. */
function firstPageOf({ accountId, actions }: Me['accounts'][number]): Pick<Place, 'to' | 'params'> {
  const page = actions.includes('view-inventory') ? paths.overview : paths.virtualAccounts;
  const { to, params } = page(accountId);
  return { to, params };
}

/** The first page: that of the first account, or of the platform. */
const home = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  loader: async ({ context }) => {
    const me = await context.queryClient.ensureQueryData(meQuery);
    const account = me.accounts.find(({ support }) => support === null);
    if (account !== undefined) throw redirect(firstPageOf(account));
    if (me.platformActions.includes('view-accounts')) throw redirect({ to: paths.platformDesk().to });
    if (me.needsSecondFactor) throw redirect({ to: paths.security().to });
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
  component: lazyRouteComponent(() => import('./pages/AccountPages.tsx')),
});

/** An account's address without a page: somebody cut a longer one short. */
const accountHome = createRoute({
  getParentRoute: () => account,
  path: '/',
  loader: async ({ context, params }) => {
    const me = await context.queryClient.ensureQueryData(meQuery);
    const found = me.accounts.find(({ accountId }) => accountId === params.accountId);
    if (found !== undefined) throw redirect(firstPageOf(found));
  },
});

const overview = createRoute({
  getParentRoute: () => account,
  path: '/overview',
  validateSearch: z.object({ view: word.oneOf(['own']) }),
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(operationQuery(getOverview, { params }));
    void context.queryClient.prefetchQuery(
      operationQuery(listVirtualAccounts, { params, query: overviewTree }),
    );
  },
  component: lazyRouteComponent(() => import('./pages/overview/OverviewPage.tsx')),
});

const virtualAccounts = createRoute({
  getParentRoute: () => account,
  path: '/virtual-accounts',
  validateSearch: virtualAccountsSearch,
  component: lazyRouteComponent(() => import('./pages/virtual-accounts/VirtualAccountsPage.tsx')),
});

const settings = createRoute({
  getParentRoute: () => account,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/account-settings/AccountSettingsPage.tsx')),
});

const agreements = createRoute({ getParentRoute: () => account, ...agreementsPage });

const supportAccess = createRoute({ getParentRoute: () => account, ...accountSupportPage });

const tags = createRoute({
  getParentRoute: () => account,
  path: '/settings/tags',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(operationQuery(listTagKeys, { params }));
  },
  component: lazyRouteComponent(() => import('./pages/account-settings/TagsPage.tsx')),
});

const webhooks = createRoute({
  getParentRoute: () => account,
  path: '/settings/webhooks',
  validateSearch: webhooksSearch,
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(operationQuery(listWebhooks, { params }));
  },
  component: lazyRouteComponent(() => import('./pages/webhooks/WebhooksPage.tsx')),
});

const deliveryRules = createRoute({
  getParentRoute: () => account,
  path: '/settings/delivery-rules',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(operationQuery(listDeliveryRules, { params }));
  },
  component: lazyRouteComponent(() => import('./pages/account-settings/DeliveryRulesPage.tsx')),
});

const singleSignOn = createRoute({
  getParentRoute: () => account,
  path: '/settings/single-sign-on',
  validateSearch: z.object({ tested: word.text }),
  component: lazyRouteComponent(() => import('./pages/single-sign-on/SingleSignOnPage.tsx')),
});

const mergeAndSplit = createRoute({ getParentRoute: () => account, ...mergeAndSplitPage });
const proposeMerge = createRoute({ getParentRoute: () => account, ...proposeMergePage });
const proposeSplit = createRoute({ getParentRoute: () => account, ...proposeSplitPage });
const accountMoves = createRoute({ getParentRoute: () => signedIn, ...accountMovesPage });
const accountMove = createRoute({ getParentRoute: () => signedIn, ...accountMovePage });

const licenses = createRoute({
  getParentRoute: () => account,
  path: '/licenses',
  validateSearch: licensesSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    const query = { ...inventoryFilters(deps), sort: deps.sort ?? ('license' as const) };
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listInventory, { params, query }));
  },
  component: lazyRouteComponent(() => import('./pages/licenses/LicensesPage.tsx')),
});

const license = createRoute({
  getParentRoute: () => account,
  path: '/licenses/$tag',
  validateSearch: licenseSearch,
  component: lazyRouteComponent(() => import('./pages/licenses/LicensePage.tsx')),
});

const alerts = createRoute({
  getParentRoute: () => account,
  path: '/alerts',
  validateSearch: alertsSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAlerts, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('./pages/alerts/AlertsPage.tsx')),
});

const productInstances = createRoute({
  getParentRoute: () => account,
  path: '/product-instances',
  validateSearch: productInstancesSearch,
  loaderDeps: ({ search: { open: _, ...filters } }) => filters,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listProductInstances, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('./pages/product-instances/ProductInstancesPage.tsx')),
});

const productInstance = createRoute({
  getParentRoute: () => account,
  path: '/product-instances/$instanceId',
  component: lazyRouteComponent(() => import('./pages/product-instances/ProductInstancePage.tsx')),
});

const tokens = createRoute({
  getParentRoute: () => account,
  path: '/tokens',
  validateSearch: tokensSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listTokens, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('./pages/tokens/TokensPage.tsx')),
});

const events = createRoute({
  getParentRoute: () => account,
  path: '/events',
  validateSearch: eventsSearch,
  loaderDeps: ({ search: { open: _, ...filters } }) => filters,
  loader: ({ context, params, deps }) => {
    const query = eventFilters(deps);
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listEvents, { params, query }));
  },
  component: lazyRouteComponent(() => import('./pages/events/EventsPage.tsx')),
});

const requests = createRoute({ getParentRoute: () => account, ...requestsPage });

const accessReview = createRoute({ getParentRoute: () => account, ...accessReviewPage });

const people = createRoute({
  getParentRoute: () => account,
  path: '/people',
  validateSearch: peopleSearch,
  loaderDeps: ({ search: { search, partner } }) => ({ search, partner }),
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listPeople, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('./pages/people/PeoplePage.tsx')),
});

const accessPolicy = createRoute({
  getParentRoute: () => account,
  path: '/people/who-may-do-what',
  component: lazyRouteComponent(() => import('./pages/people/PolicyPage.tsx')),
});

const invitePeople = createRoute({
  getParentRoute: () => account,
  path: '/people/invite',
  component: lazyRouteComponent(() => import('./pages/people/InvitePeoplePage.tsx')),
});

const groups = createRoute({
  getParentRoute: () => account,
  path: '/groups',
  validateSearch: groupsSearch,
  loaderDeps: ({ search: { search } }) => ({ search }),
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listGroups, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('./pages/groups/GroupsPage.tsx')),
});

const apiKeys = createRoute({
  getParentRoute: () => account,
  path: '/api-keys',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listApiKeys, { params }));
  },
  component: lazyRouteComponent(() => import('./pages/api-keys/ApiKeysPage.tsx')),
});

const orders = createRoute({
  getParentRoute: () => account,
  path: '/orders',
  validateSearch: ordersSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAccountOrders, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('./pages/orders/AccountOrdersPage.tsx')),
});

const order = createRoute({
  getParentRoute: () => account,
  path: '/orders/$orderNumber',
  component: lazyRouteComponent(() => import('./pages/orders/AccountOrderPage.tsx')),
});

const customerRequests = createRoute({
  getParentRoute: () => account,
  path: '/customer-requests',
  validateSearch: customerRequestsSearch,
  component: lazyRouteComponent(() => import('./pages/customer-requests/CustomerRequestsPage.tsx')),
});

const reports = createRoute({
  getParentRoute: () => account,
  path: '/reports',
  validateSearch: reportsSearch,
  component: lazyRouteComponent(() => import('./pages/reports/ReportsPage.tsx')),
});

const security = createRoute({ getParentRoute: () => signedIn, ...securityPage });
const accountSecurity = createRoute({ getParentRoute: () => account, ...securityPage });

const notifications = createRoute({ getParentRoute: () => signedIn, ...pages.notificationsPage });
const ownNotifications = createRoute({ getParentRoute: () => account, ...pages.notificationsPage });
const addedAddresses = createRoute({ getParentRoute: () => account, ...pages.addedAddressesPage });
const confirmAddress = createRoute({ getParentRoute: () => root, ...pages.confirmAddressPage });
const unsubscribe = createRoute({ getParentRoute: () => root, ...pages.unsubscribePage });

const yourData = createRoute({ getParentRoute: () => signedIn, ...yourDataPage });
const accountYourData = createRoute({ getParentRoute: () => account, ...yourDataPage });
const requestAccess = createRoute({ getParentRoute: () => signedIn, ...requestAccessPage });

const platformDesk = createRoute({ getParentRoute: () => signedIn, ...deskPage });

const platformStaff = createRoute({ getParentRoute: () => signedIn, ...staffPage });

const platformSupport = createRoute({ getParentRoute: () => signedIn, ...supportAccessesPage });

const platformRecoveries = createRoute({ getParentRoute: () => signedIn, ...recoveriesPage });

const platformAccounts = createRoute({ getParentRoute: () => signedIn, ...platformAccountsPage });

const platformAccountRequests = createRoute({ getParentRoute: () => signedIn, ...accountRequestsPage });

const platformCatalog = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/catalog',
  validateSearch: catalogSearch,
  component: lazyRouteComponent(() => import('./pages/platform/CatalogPage.tsx')),
});

const platformOrders = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/orders',
  validateSearch: ordersSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listOrders, { query: deps }));
  },
  component: lazyRouteComponent(() => import('./pages/orders/PlatformOrdersPage.tsx')),
});

const platformOrder = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/orders/$orderNumber',
  component: lazyRouteComponent(() => import('./pages/orders/PlatformOrderPage.tsx')),
});

const platformImportOrders = createRoute({
  getParentRoute: () => signedIn,
  path: '/platform/import-orders',
  component: lazyRouteComponent(() => import('./pages/orders/ImportOrdersPage.tsx')),
});

const platformAgreements = createRoute({ getParentRoute: () => signedIn, ...agreementTextsPage });

const platformPrivacy = createRoute({ getParentRoute: () => signedIn, ...privacyPage });

const platformOutbox = createRoute({ getParentRoute: () => signedIn, ...outboxPage });

const routeTree = root.addChildren([
  signIn,
  setUp,
  invitation,
  confirmMail,
  forgotPassword,
  resetPassword,
  requestAccount,
  accountRequest,
  acceptAccount,
  orderAccount,
  keepSecondFactors,
  confirmAddress,
  unsubscribe,
  signedIn.addChildren([
    home,
    security,
    notifications,
    yourData,
    requestAccess,
    accountMoves,
    accountMove,
    account.addChildren([
      accountHome,
      overview,
      virtualAccounts,
      settings,
      agreements,
      supportAccess,
      tags,
      webhooks,
      deliveryRules,
      singleSignOn,
      mergeAndSplit,
      proposeMerge,
      proposeSplit,
      addedAddresses,
      licenses,
      license,
      alerts,
      productInstances,
      productInstance,
      tokens,
      events,
      requests,
      accessReview,
      people,
      accessPolicy,
      invitePeople,
      groups,
      apiKeys,
      orders,
      order,
      customerRequests,
      reports,
      accountSecurity,
      ownNotifications,
      accountYourData,
    ]),
    platformDesk,
    platformStaff,
    platformSupport,
    platformRecoveries,
    platformAccounts,
    platformAccountRequests,
    platformCatalog,
    platformOrders,
    platformOrder,
    platformImportOrders,
    platformAgreements,
    platformPrivacy,
    platformOutbox,
  ]),
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
