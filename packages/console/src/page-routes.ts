import {
  getAgreements,
  getDesk,
  getMyData,
  getMySecurity,
  listAccountRequests,
  listAccountSupport,
  listAccounts,
  listAgreementVersions,
  listAllPeople,
  listMails,
  listRecoveries,
  listStaff,
  listSupportAccesses,
} from '@estover/protocol';
import type { QueryClient } from '@tanstack/react-query';
import { lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { operationQuery, pagesQuery } from './api.ts';
import { notificationsSearch } from './pages/notifications/search.ts';
import {
  accountRequestsSearch,
  agreementsSearch,
  outboxSearch,
  platformAccountsSearch,
  privacySearch,
  supportAccessesSearch,
} from './pages/platform/search.ts';
import * as word from './search.ts';

/*
 * What routes of `routes.tsx` show and read before they show it, where a page has more than one address or that file has
 * no room for it.
 */

interface Loading {
  context: { queryClient: QueryClient };
}

/** What an account has to accept and has accepted. */
export const agreementsPage = {
  path: '/agreements' as const,
  loader: ({ context, params }: Loading & { params: { accountId: string } }) => {
    void context.queryClient.prefetchQuery(operationQuery(getAgreements, { params }));
  },
  component: lazyRouteComponent(() => import('./pages/agreements/AgreementsPage.tsx')),
};

/** The person's own security: one page, beside those of an account or by itself. */
export const securityPage = {
  path: '/security' as const,
  validateSearch: z.object({ linked: word.text, proof: word.text }),
  loader: ({ context }: Loading) => {
    void context.queryClient.prefetchQuery(operationQuery(getMySecurity, {}));
  },
  component: lazyRouteComponent(() => import('./pages/security/SecurityPage.tsx')),
};

/** What is stored about whoever is signed in; with an account in the address, beside its pages. */
export const yourDataPage = {
  path: '/your-data' as const,
  loader: ({ context }: Loading) => {
    void context.queryClient.prefetchQuery(operationQuery(getMyData, {}));
  },
  component: lazyRouteComponent(() => import('./pages/your-data/YourDataPage.tsx')),
};

/** The texts that accounts accept. */
export const agreementTextsPage = {
  path: '/platform/agreements' as const,
  validateSearch: agreementsSearch,
  loader: ({ context }: Loading) => {
    void context.queryClient.prefetchQuery(operationQuery(listAgreementVersions, {}));
  },
  component: lazyRouteComponent(() => import('./pages/platform/AgreementTextsPage.tsx')),
};

/** What is stored about people, and who was removed. */
export const privacyPage = {
  path: '/platform/privacy' as const,
  validateSearch: privacySearch,
  loader: ({ context }: Loading) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAllPeople, { query: {} }));
  },
  component: lazyRouteComponent(() => import('./pages/platform/PrivacyPage.tsx')),
};

/** Who of the publisher opened an account, or wants to. */
export const accountSupportPage = {
  path: '/support-access' as const,
  loader: ({ context, params }: Loading & { params: { accountId: string } }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAccountSupport, { params }));
  },
  component: lazyRouteComponent(() => import('./pages/support/AccountSupportPage.tsx')),
};

/** What waits for the publisher's staff. */
export const deskPage = {
  path: '/platform/desk' as const,
  loader: ({ context }: Loading) => {
    void context.queryClient.prefetchQuery(operationQuery(getDesk, {}));
  },
  component: lazyRouteComponent(() => import('./pages/support/DeskPage.tsx')),
};

/** The publisher's staff and its platform roles. */
export const staffPage = {
  path: '/platform/staff' as const,
  loader: ({ context }: Loading) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listStaff, {}));
  },
  component: lazyRouteComponent(() => import('./pages/staff/StaffPage.tsx')),
};

/** Accounts that support has open or asked for. */
export const supportAccessesPage = {
  path: '/platform/support-accesses' as const,
  validateSearch: supportAccessesSearch,
  loader: ({ context }: Loading) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listSupportAccesses, { query: {} }));
  },
  component: lazyRouteComponent(() => import('./pages/support/SupportAccessesPage.tsx')),
};

/** Ways back in that two operators open together. */
export const recoveriesPage = {
  path: '/platform/recoveries' as const,
  loader: ({ context }: Loading) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listRecoveries, {}));
  },
  component: lazyRouteComponent(() => import('./pages/support/RecoveriesPage.tsx')),
};

/** With the link that somebody gets whose second factors are about to end. */
export const keepSecondFactorsPage = {
  path: '/keep-second-factors' as const,
  component: lazyRouteComponent(() => import('./pages/support/KeepSecondFactorsPage.tsx')),
};

/** Every account of the installation. */
export const platformAccountsPage = {
  path: '/platform/accounts' as const,
  validateSearch: platformAccountsSearch,
  loaderDeps: ({ search: { search } }: { search: { search?: string | undefined } }) => ({ search }),
  loader: ({ context, deps }: Loading & { deps: { search: string | undefined } }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAccounts, { query: deps }));
  },
  component: lazyRouteComponent(() => import('./pages/platform/AccountsPage.tsx')),
};

type Filters<Search> = Omit<Search, 'open'>;
type RequestsSearch = z.infer<typeof accountRequestsSearch>;
type OutboxSearch = z.infer<typeof outboxSearch>;

/** Requests for accounts. */
export const accountRequestsPage = {
  path: '/platform/account-requests' as const,
  validateSearch: accountRequestsSearch,
  loaderDeps: ({ search: { open: _, ...filters } }: { search: RequestsSearch }) => filters,
  loader: ({ context, deps }: Loading & { deps: Filters<RequestsSearch> }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listAccountRequests, { query: deps }));
  },
  component: lazyRouteComponent(() => import('./pages/platform/AccountRequestsPage.tsx')),
};

/** What the person hears of by mail, in one account or in all of theirs. */
export const notificationsPage = {
  path: '/notifications' as const,
  validateSearch: notificationsSearch,
  component: lazyRouteComponent(() => import('./pages/notifications/NotificationsPage.tsx')),
};

/** Addresses that hear of an account beside its people. */
export const addedAddressesPage = {
  path: '/settings/notifications' as const,
  component: lazyRouteComponent(() => import('./pages/notifications/AddressesPage.tsx')),
};

/** With links from mails, for whoever reads them. */
export const confirmAddressPage = {
  path: '/confirm-address' as const,
  component: lazyRouteComponent(() => import('./pages/notifications/ConfirmAddressPage.tsx')),
};
export const unsubscribePage = {
  path: '/unsubscribe/$token' as const,
  component: lazyRouteComponent(() => import('./pages/notifications/UnsubscribePage.tsx')),
};

export const forgotPasswordPage = {
  path: '/forgot-password' as const,
  validateSearch: z.object({ email: word.text }),
  component: lazyRouteComponent(() => import('./pages/lost-password/ForgotPasswordPage.tsx')),
};

/** Mails of the installation. */
export const outboxPage = {
  path: '/platform/outbox' as const,
  validateSearch: outboxSearch,
  loaderDeps: ({ search: { open: _, ...filters } }: { search: OutboxSearch }) => filters,
  loader: ({ context, deps }: Loading & { deps: Filters<OutboxSearch> }) => {
    void context.queryClient.prefetchInfiniteQuery(pagesQuery(listMails, { query: deps }));
  },
  component: lazyRouteComponent(() => import('./pages/platform/OutboxPage.tsx')),
};
