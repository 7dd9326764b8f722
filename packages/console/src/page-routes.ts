import { getAgreements, getMyData, listAgreementVersions, listAllPeople } from '@estover/protocol';
import type { QueryClient } from '@tanstack/react-query';
import { lazyRouteComponent } from '@tanstack/react-router';
import { operationQuery, pagesQuery } from './api.ts';
import { agreementsSearch, privacySearch } from './pages/platform/search.ts';

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
