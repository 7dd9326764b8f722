import type { OpenDatabase } from '../../packages/server/src/database/database.ts';

/** One measured number, as it is printed and as it lies in bench/latest.json. */
export interface Figure {
  /** Words joined by dots, such as `authorizations.hot-pool.256.per-second`. */
  readonly name: string;
  readonly value: number;
  /** Such as `1/s`, `ms`, `s`, `MB`, `×`. */
  readonly unit: string;
  /** What a reader must know to believe the number; begins with `failed:` when the run behind it had errors. */
  readonly note: string;
}

export interface Scenario {
  /** The beginning of the names of its figures. */
  readonly name: string;
  /** One sentence for `--list`. */
  readonly what: string;
  run(bench: Bench): Promise<Figure[]>;
}

/** A database of a scenario's own on the bench's PostgreSQL, with the newest schema. */
export interface BenchDatabase extends OpenDatabase {
  readonly connectionString: string;
}

export interface ServerOptions {
  /** Without it the server brings its embedded database in `dataFolder`. */
  readonly database?: BenchDatabase;
  /** A folder of its own when not given; removed at the end of the scenario. */
  readonly dataFolder?: string;
  /** Options of node, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** More variables of the environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A server in a process of its own, as an operator starts it. */
export interface BenchServer {
  /** Such as `http://127.0.0.1:41234`, without a slash at the end. */
  readonly address: string;
  readonly processId: number;
  /** An API key of the platform's operator, for a database that this server is the first to use. */
  readonly operatorKey: string;
  /** Milliseconds from the launch of the process until /readyz answered 200. */
  readonly readyAfterMs: number;
  /** Ends it cleanly and waits for its end. */
  stop(): Promise<void>;
}

/** What a scenario is given. What it starts is ended after it, also when it fails or is interrupted. */
export interface Bench {
  /** Short windows and little data: shows that the scenario works, not how fast it is. */
  readonly quick: boolean;
  /** A fresh, migrated database; fsync on, the settings of the embedded database. */
  database(): Promise<BenchDatabase>;
  startServer(options: ServerOptions): Promise<BenchServer>;
  /** A new empty folder, removed at the end of the scenario. */
  folder(): Promise<string>;
  /** The main process of the bench's PostgreSQL; undefined before the first database was asked for. */
  databaseProcess(): number | undefined;
  /** What `make` gives; in a quick run what it gave before to the same key, which then lives as long as the run. */
  shared<T>(key: string, make: () => Promise<T>): Promise<T>;
  /** Runs at the end of the scenario, in the opposite order. */
  afterwards(cleanUp: () => Promise<unknown>): void;
  /** A line for the person who waits. */
  say(line: string): void;
}
