import { listAccountMoves } from '@estover/protocol';
import { lazyRouteComponent } from '@tanstack/react-router';
import { pagesQuery, queryClient } from '../../api.ts';

/* Pages of merges and splits, for the site map. Some stand beside accounts: somebody may be asked who has none yet. */

export const mergeAndSplitPage = {
  path: '/settings/merge-and-split' as const,
  loader: ({ params }: { params: { accountId: string } }) => {
    void queryClient.prefetchInfiniteQuery(
      pagesQuery(listAccountMoves, { query: { accountId: params.accountId } }),
    );
  },
  component: lazyRouteComponent(() => import('./MergeAndSplitPage.tsx')),
};

export const proposeMergePage = {
  path: '/settings/merge' as const,
  component: lazyRouteComponent(() => import('./ProposeMergePage.tsx')),
};

export const proposeSplitPage = {
  path: '/settings/split' as const,
  component: lazyRouteComponent(() => import('./ProposeSplitPage.tsx')),
};

export const accountMovesPage = {
  path: '/account-moves' as const,
  loader: () => {
    void queryClient.prefetchInfiniteQuery(pagesQuery(listAccountMoves, { query: {} }));
  },
  component: lazyRouteComponent(() => import('./AccountMovesPage.tsx')),
};

export const accountMovePage = {
  path: '/account-moves/$moveId' as const,
  component: lazyRouteComponent(() => import('./MovePage.tsx')),
};
