import {
  createApp,
  keepingMailer,
  loadInstallation,
  openDatabase,
  runAllJobs,
  type Seal,
  silentWebhooks,
} from '@estover/server/testing/world';
import type { WorldClock } from './clock.ts';
import { createStatementFaults, type StatementFaults } from './statement-faults.ts';
import type { WireReply, WireRequest } from './wire.ts';

/** The server died while it worked; whether the work was committed nobody knows. */
export class ServerGone extends Error {
  override name = 'ServerGone';
}

/** One life of a server: put together on a database, and thrown away when it crashes. */
export interface SimulatedServer {
  readonly faults: StatementFaults;
  /** @throws ServerGone when it crashed before it could answer */
  handle(request: WireRequest): Promise<WireReply>;
  /** Runs every job once, as the schedule would at this instant. */
  runJobs(): Promise<void>;
  /** Gives back what it holds, dead or alive. */
  end(): Promise<void>;
}

export interface ServerSetting {
  connectionString: string;
  seal: Seal;
  clock: WorldClock;
  newId(): string;
}

/** The real application on a real database; no socket, no timer: the world calls it and holds its clock. */
export async function startSimulatedServer(setting: ServerSetting): Promise<SimulatedServer> {
  const { connectionString, seal, clock, newId } = setting;
  const { db, pool, close } = openDatabase(connectionString, { connections: 6 });
  const faults = createStatementFaults(pool, clock, () => new ServerGone('the server crashed'));
  const now = () => clock.now();
  const installation = await loadInstallation(db, {
    seal,
    version: '0.0.0-simulation',
    publicUrl: () => 'http://estover.test',
    now: now(),
  });
  const app = await createApp({ db, installation, now, newId, log: false, checkAnswers: true });

  return {
    faults,
    async handle({ method, path, headers, body }) {
      if (faults.isDead()) throw new ServerGone('the server is gone');
      const reply = await app.inject({
        method: method as 'GET' | 'POST' | 'PATCH' | 'DELETE',
        url: path,
        headers: { ...headers },
        ...(body === undefined ? {} : { payload: body }),
      });
      if (faults.isDead()) throw new ServerGone('the server crashed');
      const text = (value: unknown) => (Array.isArray(value) ? value.join(', ') : String(value));
      return {
        status: reply.statusCode,
        headers: Object.fromEntries(
          Object.entries(reply.headers).map(([name, value]) => [name, text(value)]),
        ),
        body: reply.body,
      };
    },
    async runJobs() {
      await runAllJobs({ db, installation, mailer: keepingMailer, webhooks: silentWebhooks, now, newId });
    },
    async end() {
      faults.kill();
      await app.close();
      await close();
    },
  };
}
