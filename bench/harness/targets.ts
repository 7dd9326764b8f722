/** What a figure should reach on 2 cores that load generator, server and database share, with fsync on. */
export interface Target {
  readonly value: number;
  /** Whether more is better. */
  readonly atLeast: boolean;
}

const atLeast = (value: number): Target => ({ value, atLeast: true });
const atMost = (value: number): Target => ({ value, atLeast: false });

/** By the figure's name. A figure without a line here is printed for comparison. */
const targets: Readonly<Record<string, Target>> = {
  'authorizations.hot-pool.256.per-second': atLeast(10_000),
  'authorizations.100-pools.256.per-second': atLeast(10_000),
  'authorizations.open-loop-5000.p99-ms': atMost(15),
  'authorizations.hot-pool.times-pgbench': atLeast(3),
  'authorizations.100-pools.times-pgbench': atLeast(1.5),
  'authorizations.hot-pool.times-100-pools': atLeast(1),
  'registrations.per-second': atLeast(1_000),
  'usage.measurements-per-second': atLeast(200_000),
  'inventory.1m.p95-ms': atMost(100),
  'rollup.10k.p95-ms': atMost(50),
  'rollup.10k.whole.p95-ms': atMost(50),
  'transfer-preview.1000-lines.p95-ms': atMost(200),
  'xlsx.100k.seconds': atMost(2),
  'xlsx.100k.mb': atMost(150),
  'enumeration.sign-in.t': atMost(4.5),
  'enumeration.password-reset.t': atMost(4.5),
  'enumeration.client.t': atMost(4.5),
  'enumeration.registration-token.t': atMost(4.5),
  'start.first.seconds': atMost(5),
  'start.existing.seconds': atMost(2),
  'idle.mb': atMost(200),
};

export const targetOf = (name: string): Target | undefined => targets[name];
