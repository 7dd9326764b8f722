/** What a load generator does. It crosses to another thread, so it holds data alone; the memory is shared. */
export interface LoadPlan {
  /** Connections are spread over them evenly. */
  readonly targets: readonly { readonly host: string; readonly port: number }[];
  readonly connections: number;
  /** All requests, one behind the other, ready for the wire. They are sent in this order. */
  readonly requests: SharedArrayBuffer;
  /** Uint32: where each request begins, and at last where the last one ends. */
  readonly offsets: SharedArrayBuffer;
  /** A byte for each request, written by the generator: one of `requestStates`. */
  readonly states: SharedArrayBuffer;
  readonly pace: Pace;
  /** Every so many answers one is kept, to be verified for real. */
  readonly sampleEvery: number;
}

/**
 * Closed loop: each connection sends its next request when the one before is answered. Open loop: requests are due at
 * a steady rate whatever the server does, and a latency counts from the instant at which its request was due, so that
 * a server that stands still is seen by all who would have come meanwhile (no coordinated omission).
 */
export type Pace = {
  readonly warmUpMs: number;
  readonly windowMs: number;
} & ({ readonly kind: 'closed' } | { readonly kind: 'open'; readonly perSecond: number });

export const requestStates = { unsent: 0, sent: 1, acknowledged: 2, refused: 3 } as const;

/** What was measured. Warm-up is no part of it. */
export interface LoadResult {
  /** Requests answered with 2xx within the window. */
  readonly answered: number;
  /** Length of the window; shorter than planned when the requests ran out. */
  readonly seconds: number;
  readonly ranOut: boolean;
  /** Latencies of requests answered within the window; null when there were none. */
  readonly latencyMs: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
  } | null;
  /** All that was not answered with 2xx, warm-up included: how many, by status and code or by what was lost. */
  readonly errors: Readonly<Record<string, number>>;
  readonly samples: readonly { readonly index: number; readonly body: string }[];
  /** Processor time of the generator within the window. */
  readonly cpuMs: number;
}

/** What the generator's thread says while it works. */
export type LoadMessage =
  | { readonly kind: 'window-begins' | 'window-ends' }
  | { readonly kind: 'result'; readonly result: LoadResult };
