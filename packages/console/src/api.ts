import {
  type AnswerOf,
  type CallInput,
  createClient,
  type Operation,
  ProblemError,
  randomId,
} from '@estover/protocol';
import { useDebouncedValue } from '@mantine/hooks';
import {
  infiniteQueryOptions,
  QueryClient,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useRef } from 'react';
import { withProof } from './step-up.ts';

/** The API on the console's own origin, with the session cookie. */
export const client = createClient({ baseUrl: '' });

/** A refusal is an answer: asking again would get the same. Only what did not arrive is tried again. */
function tryAgain(failures: number, error: Error): boolean {
  const refused = error instanceof ProblemError && error.problem.status !== 503;
  return !refused && failures < 2;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: tryAgain,
      refetchOnWindowFocus: true,
      refetchOnReconnect: true,
      // The server may be on this machine or this site: whether the browser sees a network says nothing about it.
      networkMode: 'always',
    },
    // Otherwise a change would be kept back while there is no network, and done when nobody expects it any more.
    mutations: { networkMode: 'always' },
  },
});

/** One read, keyed by the operation's name and its input: for loaders (`ensureQueryData`) and for `useOperation`. */
export function operationQuery<O extends Operation>(operation: O, input: CallInput<O>) {
  return queryOptions<AnswerOf<O>>({
    queryKey: [operation.name, input],
    queryFn: ({ signal }) => client.call(operation, Object.assign({}, input, { signal })),
  });
}

/**
 * Reads an operation. While a new input is being read the old answer stays on the screen (`isPlaceholderData`).
 * Problems are in `error`: show them with `ProblemNotice`.
 */
export function useOperation<O extends Operation>(
  operation: O,
  input: CallInput<O>,
  { enabled = true }: { enabled?: boolean } = {},
) {
  return useQuery({
    ...operationQuery<Operation>(operation, input),
    enabled,
    placeholderData: keep,
  }) as ReturnType<typeof useQuery<AnswerOf<O>>>;
}

const keep = <T>(previous: T): T => previous;

interface Page {
  items: unknown[];
  nextCursor: string | null;
}

/** A paged list, keyed like `operationQuery`; `cursor` is filled in page by page. */
export function pagesQuery<O extends Operation>(operation: O, input: CallInput<O>) {
  return infiniteQueryOptions({
    queryKey: [operation.name, 'pages', input],
    queryFn: async ({ pageParam, signal }) => {
      const given: CallInput<Operation> = input;
      const query = Object.assign({}, given.query, pageParam === null ? {} : { cursor: pageParam });
      return (await client.call<Operation>(operation, { ...given, query, signal })) as AnswerOf<O> & Page;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page) => last.nextCursor,
  });
}

/** A list read page by page: all items so far, the first page's other members, and how to read on. */
export interface Pages<Answer> {
  items: Answer extends { items: (infer Item)[] } ? Item[] : never[];
  /** The first page, for totals and counts; undefined until it is there. */
  first: Answer | undefined;
  error: Error | null;
  isPending: boolean;
  /** A new filter is being read; the rows are still those of the old one. */
  isStale: boolean;
  hasMore: boolean;
  isReadingMore: boolean;
  readMore: () => void;
  retry: () => void;
  /** What a `DataTable` has to know of how the list is read. */
  table: {
    isPending: boolean;
    isStale: boolean;
    error: Error | null;
    onRetry: () => void;
    more: { has: boolean; isReading: boolean; read: () => void };
  };
}

/** Reads a paged list for a `DataTable`. */
export function usePages<O extends Operation>(
  operation: O,
  input: CallInput<O>,
  { enabled = true }: { enabled?: boolean } = {},
): Pages<AnswerOf<O>> {
  const query = useInfiniteQuery({ ...pagesQuery(operation, input), enabled, placeholderData: keep });
  const pages = query.data?.pages ?? [];
  const { error, isPending, isPlaceholderData: isStale, hasNextPage, isFetchingNextPage } = query;
  const readMore = () => void query.fetchNextPage();
  const retry = () => void query.refetch();
  return {
    items: pages.flatMap((page) => page.items) as Pages<AnswerOf<O>>['items'],
    first: pages[0],
    error,
    isPending,
    isStale,
    hasMore: hasNextPage,
    isReadingMore: isFetchingNextPage,
    readMore,
    retry,
    table: {
      isPending,
      isStale,
      error,
      onRetry: retry,
      more: { has: hasNextPage, isReading: isFetchingNextPage, read: readMore },
    },
  };
}

/** Marks the keys of dry runs: an answer about what would happen is not read again after it has. */
const dryRun = 'dry-run';

/**
 * What a change would do, without doing it. `input` is null while the form is not complete. Typing is given a moment
 * to rest, so that not every digit asks.
 */
export function useDryRun<O extends Operation>(operation: O, input: CallInput<O> | null) {
  const [asked] = useDebouncedValue(JSON.stringify(input), 200);
  const isCurrent = asked === JSON.stringify(input);
  const query = useQuery<AnswerOf<O>>({
    queryKey: [operation.name, dryRun, asked],
    queryFn: ({ signal }) => {
      if (input === null) throw new Error('There is nothing to try yet.');
      return client.call(operation, Object.assign({}, input, { dryRun: true, signal }));
    },
    enabled: input !== null && isCurrent,
    placeholderData: keep,
    staleTime: 0,
    gcTime: 0,
  });
  return {
    data: input === null ? undefined : query.data,
    error: input === null || !isCurrent ? null : query.error,
    isPending: input !== null && (!isCurrent || query.isFetching),
  };
}

/** Reads everything on the screen again, after a change. */
export function readAgain(cache: QueryClient): Promise<void> {
  return cache.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] !== dryRun });
}

/**
 * A change. Afterwards everything on the screen is read again: a movement touches nearly every figure, and a list of
 * what depends on what would go stale before the figures do.
 *
 * The idempotency key stays the same while the same input is sent again until it is done, so that pressing the button
 * twice never does the thing twice: neither after a lost answer, nor when a refusal such as an ended session came between.
 * A refusal kept nothing under the key, so what was refused may be tried again with it.
 */
export function useAction<O extends Operation>(operation: O) {
  const cache = useQueryClient();
  const unanswered = useRef<{ input: string; key: string } | null>(null);
  return useMutation<AnswerOf<O>, Error, CallInput<O>>({
    mutationFn: async (input) => {
      const given = JSON.stringify(input);
      const key = unanswered.current?.input === given ? unanswered.current.key : randomId();
      unanswered.current = { input: given, key };
      try {
        const answer = await withProof(() =>
          client.call(operation, Object.assign({}, input, { idempotencyKey: key })),
        );
        unanswered.current = null;
        return answer;
      } catch (error) {
        if (error instanceof ProblemError && error.problem.code === 'idempotency-key-reused') {
          unanswered.current = null;
        }
        throw error;
      }
    },
    onSuccess: () => {
      void readAgain(cache);
    },
  });
}
