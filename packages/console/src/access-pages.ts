import { listAccessRequests, listAccessReview, listMyAccessRequests } from '@estover/protocol';
import { lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { pagesQuery, queryClient } from './api.ts';
import { accessReviewSearch } from './pages/access-review/search.ts';
import { requestsSearch } from './pages/requests/search.ts';
import * as word from './search.ts';

/* Pages about who has access and who asks for it, for `routes.tsx`, which says where they hang. */

/** What a loader below an account is given. */
interface InAccount<Deps> {
  params: { accountId: string };
  deps: Deps;
}

export const requestsPage = {
  path: '/requests' as const,
  validateSearch: requestsSearch,
  loaderDeps: ({ search: { open: _, ...filters } }: { search: z.output<typeof requestsSearch> }) => filters,
  loader: ({ params: { accountId }, deps }: InAccount<Omit<z.output<typeof requestsSearch>, 'open'>>) => {
    void queryClient.prefetchInfiniteQuery(
      pagesQuery(listAccessRequests, { params: { accountId }, query: deps }),
    );
  },
  component: lazyRouteComponent(() => import('./pages/requests/RequestsPage.tsx')),
};

export const requestAccessPage = {
  path: '/request-access' as const,
  validateSearch: z.object({ identifier: word.text }),
  loader: () => {
    void queryClient.prefetchInfiniteQuery(pagesQuery(listMyAccessRequests, { query: {} }));
  },
  component: lazyRouteComponent(() => import('./pages/request-access/RequestAccessPage.tsx')),
};

export const accessReviewPage = {
  path: '/access-review' as const,
  validateSearch: accessReviewSearch,
  loaderDeps: ({ search }: { search: z.output<typeof accessReviewSearch> }) => search,
  loader: ({ params: { accountId }, deps }: InAccount<z.output<typeof accessReviewSearch>>) => {
    void queryClient.prefetchInfiniteQuery(
      pagesQuery(listAccessReview, { params: { accountId }, query: deps }),
    );
  },
  component: lazyRouteComponent(() => import('./pages/access-review/AccessReviewPage.tsx')),
};
