import {
  getAgreements,
  listAccessMatrix,
  listAccessRequests,
  listAccessReview,
  listAccountMoves,
  listAccountSupport,
  listApiKeys,
  listDeliveryRules,
  listGroups,
  listPeople,
  listTagKeys,
  listVirtualAccountAccess,
  listWebhooks,
} from '@estover/protocol';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { operationQuery, pagesQuery } from '../api.ts';
import { accessReviewSearch, placeFilters, reviewFilters, viewOf } from '../pages/access-review/search.ts';
import { customerRequestsSearch } from '../pages/customer-requests/search.ts';
import { groupsSearch } from '../pages/groups/search.ts';
import { peopleSearch } from '../pages/people/search.ts';
import { requestsSearch } from '../pages/requests/search.ts';
import { webhooksSearch } from '../pages/webhooks/search.ts';
import * as word from '../search.ts';
import { account } from './root.tsx';

/* Pages of an account about the account itself: its people and their access, settings and agreements. */

export const people = createRoute({
  getParentRoute: () => account,
  path: '/people',
  validateSearch: peopleSearch,
  loaderDeps: ({ search: { search, partner } }) => ({ search, partner }),
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listPeople, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('../pages/people/PeoplePage.tsx')),
});

export const accessPolicy = createRoute({
  getParentRoute: () => account,
  path: '/people/who-may-do-what',
  component: lazyRouteComponent(() => import('../pages/people/PolicyPage.tsx')),
});

export const invitePeople = createRoute({
  getParentRoute: () => account,
  path: '/people/invite',
  component: lazyRouteComponent(() => import('../pages/people/InvitePeoplePage.tsx')),
});

export const groups = createRoute({
  getParentRoute: () => account,
  path: '/groups',
  validateSearch: groupsSearch,
  loaderDeps: ({ search: { search } }) => ({ search }),
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listGroups, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('../pages/groups/GroupsPage.tsx')),
});

export const apiKeys = createRoute({
  getParentRoute: () => account,
  path: '/api-keys',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listApiKeys, { params }));
  },
  component: lazyRouteComponent(() => import('../pages/api-keys/ApiKeysPage.tsx')),
});

export const requests = createRoute({
  getParentRoute: () => account,
  path: '/requests',
  validateSearch: requestsSearch,
  loaderDeps: ({ search: { open: _, ...filters } }) => filters,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAccessRequests, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('../pages/requests/RequestsPage.tsx')),
});

export const accessReview = createRoute({
  getParentRoute: () => account,
  path: '/access-review',
  validateSearch: accessReviewSearch,
  loaderDeps: ({ search }) => ({
    view: viewOf(search),
    filters: reviewFilters(search),
    placeFilters: placeFilters(search),
  }),
  loader: ({ context: { queryClient }, params, deps: { view, filters: query, placeFilters } }) => {
    if (view === 'list') {
      void queryClient.prefetchInfiniteQuery(pagesQuery(listAccessReview, { params, query }));
    } else if (view === 'people') {
      void queryClient.prefetchInfiniteQuery(pagesQuery(listAccessMatrix, { params, query }));
    } else {
      const places = { params, query: placeFilters };
      void queryClient.prefetchInfiniteQuery(pagesQuery(listVirtualAccountAccess, places));
    }
  },
  component: lazyRouteComponent(() => import('../pages/access-review/AccessReviewPage.tsx')),
});

export const customerRequests = createRoute({
  getParentRoute: () => account,
  path: '/customer-requests',
  validateSearch: customerRequestsSearch,
  component: lazyRouteComponent(() => import('../pages/customer-requests/CustomerRequestsPage.tsx')),
});

export const settings = createRoute({
  getParentRoute: () => account,
  path: '/settings',
  component: lazyRouteComponent(() => import('../pages/account-settings/AccountSettingsPage.tsx')),
});

/** What an account has to accept and has accepted. */
export const agreements = createRoute({
  getParentRoute: () => account,
  path: '/agreements',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(operationQuery(getAgreements, { params }));
  },
  component: lazyRouteComponent(() => import('../pages/agreements/AgreementsPage.tsx')),
});

/** Who of the publisher opened an account, or wants to. */
export const supportAccess = createRoute({
  getParentRoute: () => account,
  path: '/support-access',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAccountSupport, { params }));
  },
  component: lazyRouteComponent(() => import('../pages/support/AccountSupportPage.tsx')),
});

export const tags = createRoute({
  getParentRoute: () => account,
  path: '/settings/tags',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(operationQuery(listTagKeys, { params }));
  },
  component: lazyRouteComponent(() => import('../pages/account-settings/TagsPage.tsx')),
});

export const webhooks = createRoute({
  getParentRoute: () => account,
  path: '/settings/webhooks',
  validateSearch: webhooksSearch,
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(operationQuery(listWebhooks, { params }));
  },
  component: lazyRouteComponent(() => import('../pages/webhooks/WebhooksPage.tsx')),
});

export const deliveryRules = createRoute({
  getParentRoute: () => account,
  path: '/settings/delivery-rules',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(operationQuery(listDeliveryRules, { params }));
  },
  component: lazyRouteComponent(() => import('../pages/account-settings/DeliveryRulesPage.tsx')),
});

export const singleSignOn = createRoute({
  getParentRoute: () => account,
  path: '/settings/single-sign-on',
  validateSearch: z.object({ tested: word.text }),
  component: lazyRouteComponent(() => import('../pages/single-sign-on/SingleSignOnPage.tsx')),
});

export const mergeAndSplit = createRoute({
  getParentRoute: () => account,
  path: '/settings/merge-and-split',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchInfiniteQuery(
      pagesQuery(listAccountMoves, { query: { accountId: params.accountId } }),
    );
  },
  component: lazyRouteComponent(() => import('../pages/account-moves/MergeAndSplitPage.tsx')),
});

export const proposeMerge = createRoute({
  getParentRoute: () => account,
  path: '/settings/merge',
  component: lazyRouteComponent(() => import('../pages/account-moves/ProposeMergePage.tsx')),
});

export const proposeSplit = createRoute({
  getParentRoute: () => account,
  path: '/settings/split',
  component: lazyRouteComponent(() => import('../pages/account-moves/ProposeSplitPage.tsx')),
});

/** Addresses that hear of an account beside its people. */
export const addedAddresses = createRoute({
  getParentRoute: () => account,
  path: '/settings/notifications',
  component: lazyRouteComponent(() => import('../pages/notifications/AddressesPage.tsx')),
});
