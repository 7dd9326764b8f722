import { listVirtualAccounts } from '@estover/protocol';
import { useQueries } from '@tanstack/react-query';
import { operationQuery, useOperation } from '../../api.ts';
import type { VirtualAccount } from '../../parts/virtual-accounts.ts';

/** Trees up to so many lines are read whole with their figures; of a larger one only what is looked at. */
const readWhole = 400;

/** So many lines of a larger tree that miss licenses are named above it, and one more to know whether there are others. */
const namedShort = 3;

/** So many are found when a person asks for them. */
const mostShort = 200;

export interface LookedAt {
  /** What the person looks for; undefined when nothing. */
  words: string | undefined;
  shortOnly: boolean;
  /** Only those that carry a tag; undefined when none is chosen. */
  tag: { tagKeyId: string } | { tagValueId: string } | undefined;
  /** Virtual accounts whose children are in sight, below the two levels at the top. */
  unfolded: readonly string[];
}

/** A line of the tree whose figures may not be there yet. */
export type TreeLine = VirtualAccount & { figuresPending?: boolean };

/**
 * The lines of the tree with the figures of those that are looked at. A large tree has thousands of lines, and all
 * figures of it are megabytes: they are read by level.
 *
 * @param tree the whole tree without figures; null while it is read or where the caller sees no figures
 */
export function useFigures(
  accountId: string,
  tree: readonly VirtualAccount[] | null,
  { words, shortOnly, tag, unfolded }: LookedAt,
) {
  const params = { accountId };
  const isLarge = (tree?.length ?? 0) > readWhole;
  const first = useOperation(
    listVirtualAccounts,
    { params, query: { rollUp: true, ...(isLarge ? { levels: 2, short: namedShort + 1 } : {}) } },
    { enabled: tree !== null },
  );
  const parts = [
    ...(words === undefined ? [] : [{ search: words, ...tag }]),
    ...(shortOnly ? [{ short: mostShort, ...tag }] : []),
    // An empty search finds the first by name: as many as are found by words.
    ...(tag === undefined || words !== undefined || shortOnly ? [] : [{ search: '', ...tag }]),
    ...unfolded.map(childrenOf),
  ];
  const others = useQueries({
    queries: (isLarge ? parts : []).map((part) =>
      operationQuery(listVirtualAccounts, { params, query: { rollUp: true, ...part } }),
    ),
  });
  const read = [first, ...others];
  const found = new Map(
    read.flatMap(({ data }) => data?.items ?? []).map((item) => [item.virtualAccountId, item]),
  );
  const isReading = read.some(({ isFetching }) => isFetching);
  const short = (first.data?.items ?? []).filter((one) => (one.own?.poolsShort ?? 0) > 0);
  return {
    lines: tree?.map((line): TreeLine => {
      const { own, nested } = found.get(line.virtualAccountId) ?? {};
      return own === undefined ? { ...line, figuresPending: isReading } : { ...line, own, nested };
    }),
    /** Whether all that is asked for is here, and not everything was asked for: lines may have no figures. */
    isPart: isLarge && !isReading,
    /** Some of those that miss licenses, and how many more there are, null when that is not known; null until it is read. */
    short:
      first.data === undefined
        ? null
        : {
            named: short.slice(0, namedShort),
            more: !isLarge || short.length <= namedShort ? Math.max(0, short.length - namedShort) : null,
          },
    isPending: tree !== null && first.isPending,
    error: read.find(({ error }) => error !== null)?.error ?? null,
    retry: () => {
      for (const { refetch } of read) void refetch();
    },
  };
}

const childrenOf = (within: string) => ({ within, levels: 1 });
