import {
  getOverview,
  listAccountOrders,
  listAlerts,
  listEvents,
  listInventory,
  listProductInstances,
  listTokens,
  listVirtualAccounts,
} from '@estover/protocol';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { operationQuery, pagesQuery } from '../api.ts';
import { alertsSearch } from '../pages/alerts/search.ts';
import { eventFilters, eventsSearch } from '../pages/events/search.ts';
import { inventoryFilters, licenseSearch, licensesSearch } from '../pages/licenses/search.ts';
import { ordersSearch } from '../pages/orders/search.ts';
import { overviewInput, overviewTree } from '../pages/overview/overview-words.ts';
import { productInstancesSearch } from '../pages/product-instances/search.ts';
import { reportsSearch } from '../pages/reports/search.ts';
import { tokensSearch } from '../pages/tokens/search.ts';
import { virtualAccountsSearch } from '../pages/virtual-accounts/search.ts';
import * as word from '../search.ts';
import { account } from './root.tsx';

/* Pages of an account about what it has: licenses, what uses them, where they come from, and what happened to them. */

export const overview = createRoute({
  getParentRoute: () => account,
  path: '/overview',
  validateSearch: z.object({ view: word.oneOf(['own']), ...word.virtualAccountFilter }),
  loaderDeps: ({ search: { virtualAccountId, nested } }) => ({ virtualAccountId, nested }),
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchQuery(
      operationQuery(getOverview, overviewInput(params.accountId, deps)),
    );
    void context.queryClient.prefetchQuery(
      operationQuery(listVirtualAccounts, { params, query: overviewTree }),
    );
  },
  component: lazyRouteComponent(() => import('../pages/overview/OverviewPage.tsx')),
});

export const virtualAccounts = createRoute({
  getParentRoute: () => account,
  path: '/virtual-accounts',
  validateSearch: virtualAccountsSearch,
  component: lazyRouteComponent(() => import('../pages/virtual-accounts/VirtualAccountsPage.tsx')),
});

export const licenses = createRoute({
  getParentRoute: () => account,
  path: '/licenses',
  validateSearch: licensesSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    const query = { ...inventoryFilters(deps), sort: deps.sort ?? ('license' as const) };
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listInventory, { params, query }));
  },
  component: lazyRouteComponent(() => import('../pages/licenses/LicensesPage.tsx')),
});

export const license = createRoute({
  getParentRoute: () => account,
  path: '/licenses/$tag',
  validateSearch: licenseSearch,
  component: lazyRouteComponent(() => import('../pages/licenses/LicensePage.tsx')),
});

export const alerts = createRoute({
  getParentRoute: () => account,
  path: '/alerts',
  validateSearch: alertsSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAlerts, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('../pages/alerts/AlertsPage.tsx')),
});

export const productInstances = createRoute({
  getParentRoute: () => account,
  path: '/product-instances',
  validateSearch: productInstancesSearch,
  loaderDeps: ({ search: { open: _, ...filters } }) => filters,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listProductInstances, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('../pages/product-instances/ProductInstancesPage.tsx')),
});

export const productInstance = createRoute({
  getParentRoute: () => account,
  path: '/product-instances/$instanceId',
  component: lazyRouteComponent(() => import('../pages/product-instances/ProductInstancePage.tsx')),
});

export const tokens = createRoute({
  getParentRoute: () => account,
  path: '/tokens',
  validateSearch: tokensSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listTokens, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('../pages/tokens/TokensPage.tsx')),
});

export const events = createRoute({
  getParentRoute: () => account,
  path: '/events',
  validateSearch: eventsSearch,
  loaderDeps: ({ search: { open: _, ...filters } }) => filters,
  loader: ({ context, params, deps }) => {
    const query = eventFilters(deps);
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listEvents, { params, query }));
  },
  component: lazyRouteComponent(() => import('../pages/events/EventsPage.tsx')),
});

export const orders = createRoute({
  getParentRoute: () => account,
  path: '/orders',
  validateSearch: ordersSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAccountOrders, { params, query: deps }));
  },
  component: lazyRouteComponent(() => import('../pages/orders/AccountOrdersPage.tsx')),
});

export const order = createRoute({
  getParentRoute: () => account,
  path: '/orders/$orderNumber',
  component: lazyRouteComponent(() => import('../pages/orders/AccountOrderPage.tsx')),
});

export const reports = createRoute({
  getParentRoute: () => account,
  path: '/reports',
  validateSearch: reportsSearch,
  component: lazyRouteComponent(() => import('../pages/reports/ReportsPage.tsx')),
});
