import { createRouter } from '@tanstack/react-router';
import { queryClient } from './api.ts';
import * as ofAccount from './routes/account.ts';
import * as doors from './routes/doors.ts';
import * as inventory from './routes/inventory.ts';
import * as own from './routes/own.ts';
import * as platform from './routes/platform.ts';
import { account, accountHome, home, root, signedIn } from './routes/root.tsx';
import { ErrorPage, NotFoundPage } from './shell/ErrorPage.tsx';

/*
 * The site map. A page is a file in `pages/<capability>/`, loaded when it is first visited; its route in `routes/` says
 * which filters its address holds and what is read before it shows. `paths.ts` names its address, `shell/Rail.tsx` lists
 * it.
 */

const routeTree = root.addChildren([
  doors.signIn,
  doors.setUp,
  doors.invitation,
  doors.confirmMail,
  doors.forgotPassword,
  doors.resetPassword,
  doors.requestAccount,
  doors.accountRequest,
  doors.acceptAccount,
  doors.orderAccount,
  doors.keepSecondFactors,
  doors.confirmAddress,
  doors.unsubscribe,
  signedIn.addChildren([
    home,
    own.security,
    own.notifications,
    own.yourData,
    own.requestAccess,
    own.accountMoves,
    own.accountMove,
    account.addChildren([
      accountHome,
      inventory.overview,
      inventory.virtualAccounts,
      ofAccount.settings,
      ofAccount.agreements,
      ofAccount.supportAccess,
      ofAccount.tags,
      ofAccount.webhooks,
      ofAccount.deliveryRules,
      ofAccount.singleSignOn,
      ofAccount.mergeAndSplit,
      ofAccount.proposeMerge,
      ofAccount.proposeSplit,
      ofAccount.addedAddresses,
      inventory.licenses,
      inventory.license,
      inventory.alerts,
      inventory.productInstances,
      inventory.productInstance,
      inventory.tokens,
      inventory.events,
      ofAccount.requests,
      ofAccount.accessReview,
      ofAccount.people,
      ofAccount.accessPolicy,
      ofAccount.invitePeople,
      ofAccount.groups,
      ofAccount.apiKeys,
      inventory.orders,
      inventory.order,
      ofAccount.customerRequests,
      inventory.reports,
      own.accountSecurity,
      own.accountNotifications,
      own.accountYourData,
    ]),
    platform.desk,
    platform.staff,
    platform.support,
    platform.recoveries,
    platform.accounts,
    platform.accountRequests,
    platform.catalog,
    platform.orders,
    platform.order,
    platform.importOrders,
    platform.agreements,
    platform.privacy,
    platform.outbox,
    platform.events,
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
