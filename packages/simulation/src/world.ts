import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkLedgerLaws,
  createSeal,
  insertApiKey,
  newApiKeySecret,
  openDatabase,
} from '@estover/server/testing/world';
import { createAgenda } from './agenda.ts';
import { enrol, folderOf, isLost, type LifeSetting, live, mendLost, trouble } from './agent-lives.ts';
import { isLiving, newBooks } from './auditor/books.ts';
import { contradictionsIn, inspect } from './auditor/inspection.ts';
import { type Clerk, createClerk } from './clerk.ts';
import { createClock, day, hour, instantText, minute } from './clock.ts';
import { accountOf, type Company, makeCatalog, makeCompany } from './company.ts';
import { type FaultLevel, faultLevels } from './fault-levels.ts';
import { openGateway } from './gateway.ts';
import { createHistory, WorldFailure } from './history.ts';
import { createNetwork } from './network.ts';
import { actInOffice, mendShortages, moveEndedLot, type OfficeSetting } from './office-acts.ts';
import { createRandom } from './random.ts';
import { runRound } from './rounds.ts';
import { type SimulatedAgent, startSimulatedAgent } from './simulated-agent.ts';
import { startSimulatedServer } from './simulated-server.ts';
import { type DatabaseCluster, fastFolder } from './world-database.ts';

export interface WorldOptions {
  seed: number;
  agents: number;
  days: number;
  faults: FaultLevel;
  /** Called with every line of the history, for somebody who watches. */
  show?: (line: string) => void;
}

export interface WorldReport {
  seed: number;
  steps: number;
  requests: number;
  crashes: number;
  rounds: number;
  /** Comparisons of a whole account with the books. */
  checks: number;
  /** Messages that met with trouble on the line. */
  faults: number;
  seconds: number;
  cpuSeconds: number;
  /** What was wrong; empty when all was as it had to be. */
  problems: readonly string[];
  /** The last things that happened before. */
  history: readonly string[];
}

const start = '2026-01-05T00:00:00Z';

/** Worlds of so many agents are calmer for each of them, so that they come to years (docs/simulation.md). */
export const isLarge = (agents: number): boolean => agents > 200;

/** Lives one world from its seed to its end, or to the first thing that is not as it has to be. */
export async function runWorld(cluster: DatabaseCluster, options: WorldOptions): Promise<WorldReport> {
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  const { seed } = options;
  const random = createRandom(seed);
  const clock = createClock(start);
  const now = () => clock.milliseconds();
  const history = createHistory(() => instantText(now()), options.show);
  const calm = isLarge(options.agents);
  const level = faultLevels[options.faults];
  // Starting the server anew would be most of what a large world does.
  const serverTrouble = calm ? { ...level.server, crash: level.server.crash / 8 } : level.server;
  const database = await cluster.create(`world_${seed}_${process.pid}_${Math.floor(began)}`);
  const folder = mkdtempSync(join(fastFolder(), 'estover-world-'));
  const direct = openDatabase(database.connectionString, { connections: 2 });
  let numbers = 0;
  const newNumber = () => ++numbers;
  // Ids that rise with time, as the server's do, and repeat with the seed.
  const newId = () => {
    const time = now().toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${newNumber().toString(16).padStart(12, '0')}`;
  };
  const keyOf = async (accountId: string | null, role: string): Promise<string> => {
    const secret = newApiKeySecret(accountId);
    const key = {
      apiKeyId: newId(),
      accountId,
      name: role,
      role,
      secret,
      createdBy: 'world',
      expiresAt: null,
    };
    const scope = accountId === null ? null : ({ kind: 'account' } as const);
    await direct.db
      .transaction()
      .execute((trx) => insertApiKey(trx, { ...key, scope, createdAt: clock.now() }));
    return secret;
  };

  const seal = createSeal(randomBytes(32));
  const operatorKey = await keyOf(null, 'operator');
  const gateway = await openGateway({
    start: () => startSimulatedServer({ connectionString: database.connectionString, seal, clock, newId }),
    books: newBooks(),
    clock,
    history,
    random: random.fork('server'),
    trouble: serverTrouble,
    operatorKey,
  });
  const agenda = createAgenda<() => Promise<void>>();
  const network = createNetwork({
    gateway,
    random: random.fork('network'),
    history,
    trouble: level.line,
    now,
    later: (delay, what) => agenda.plan(now() + delay, what),
  });
  const clerk = (name: string, apiKey: string): Clerk =>
    createClerk({ network, gateway, newKey: () => `key-${newNumber()}` }, name, apiKey);
  const operator = clerk('operator', operatorKey);

  const companies: Company[] = [];
  const agents: SimulatedAgent[] = [];
  let checks = 0;

  const look = (company: Company) => (path: string) =>
    gateway.look(`/api/v1/accounts/${company.accountId}${path}`, company.administrator.apiKey);

  const audit = async (company: Company): Promise<void> => {
    checks += 1;
    const books = gateway.books();
    const account = accountOf(books, company);
    const problems = await inspect(books, account, look(company), now());
    const contradiction = contradictionsIn(account);
    if (contradiction !== undefined) problems.push(contradiction);
    if (problems.length > 0) {
      throw new WorldFailure(problems.map((problem) => `${account.name}: ${problem}`));
    }
  };

  const checkDatabase = async (): Promise<void> => {
    const broken = await checkLedgerLaws(direct.db);
    const { rows } = await direct.pool.query<{ deadlocks: number }>(
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    const deadlocks = rows[0]?.deadlocks ?? 0;
    if (deadlocks > 0)
      broken.push(`transactions waited for each other ${deadlocks} times: locks have one order`);
    if (broken.length > 0) throw new WorldFailure(broken);
  };

  const wake = (agent: SimulatedAgent, status = agent.status()): void => {
    const at = Math.max(agent.nextWakeAt(status), agent.offUntil);
    if (!Number.isFinite(at)) return;
    agenda.plan(at, async () => {
      if (agent.retired) return;
      if (now() < agent.offUntil) return wake(agent);
      // Woken for something that was done meanwhile: it says itself when it wants to be woken next.
      if (agent.nextWakeAt() > now() + minute) return;
      await agent.act((product) => product.settle());
      const after = agent.status();
      wake(agent, after);
      // Where something happens to an agent once in months, whoever sees that it is lost must not wait for that.
      if (calm && isLost(after)) {
        agenda.plan(now() + lives.random.between(6, 36) * hour, async () => {
          await mendLost(lives, agent);
          wake(agent);
        });
      }
    });
  };

  const lives: LifeSetting = {
    gateway,
    random: random.fork('lives'),
    history,
    catalog: { plain: [], exportControlled: '', perpetual: new Map(), terms: [], bundles: [] },
    now,
    companyOf: ({ accountId }) => companies.find((company) => company.accountId === accountId) as Company,
    later: (delay, what) => agenda.plan(now() + delay, what),
    isRough: options.faults !== 'none',
    async clone(agent) {
      const name = `${agent.name}-clone${newNumber()}`;
      const copy = await startSimulatedAgent({
        ...setting(agent.name, agent.accountId, name),
        copyOf: folderOf(folder, agent.name),
      });
      agents.push(copy);
      // Both tell something soon: one of the two has a sequence number that was used already.
      for (const one of [copy, agent]) await one.act((product) => product.renewAuthorization());
      wake(copy);
      agenda.plan(now() + random.between(1, 20) * day, async () => {
        copy.retired = true;
        history.note(`${name} is thrown away`);
      });
    },
  };
  function setting(serialNumber: string, accountId: string, name = serialNumber) {
    const stream = random.fork(`agent ${name}`);
    return {
      name,
      accountId,
      folder: folderOf(folder, name),
      serialNumber: serialNumber.split('-clone')[0] ?? serialNumber,
      clock,
      network,
      random: stream,
    };
  }

  const populate = async (): Promise<void> => {
    lives.catalog = await makeCatalog(operator);
    const count = Math.max(2, Math.round(options.agents / 125));
    for (let index = 0; index < count; index++) {
      companies.push(
        await makeCompany({
          operator,
          books: () => gateway.books(),
          administratorOf: async (accountId) =>
            clerk(`administrator ${index}`, await keyOf(accountId, 'account-administrator')),
          random: random.fork(`company ${index}`),
          catalog: lives.catalog,
          index,
          agents: options.agents / count,
        }),
      );
    }
    for (let index = 0; index < options.agents; index++) {
      const company = companies[index % companies.length] as Company;
      const agent = await startSimulatedAgent(setting(`AGENT-${index}`, company.accountId));
      agents.push(agent);
      agenda.plan(now() + lives.random.below(2 * day), async () => {
        const tag = lives.random.pick(lives.catalog.plain);
        await agent.act((product) => product.request(tag, lives.random.between(1, 3)));
        history.note(`${agent.name} ${await enrol(lives, agent)}`);
        wake(agent);
      });
    }
  };

  const office: OfficeSetting = {
    operator,
    gateway,
    random: random.fork('office'),
    get catalog() {
      return lives.catalog;
    },
    now,
    newNumber,
  };

  const isOn = (agent: SimulatedAgent) => !agent.retired && now() >= agent.offUntil;
  const chance = random.fork('days');
  const registered = (company: Company): SimulatedAgent[] => {
    const list = agents.filter(
      (agent) => agent.accountId === company.accountId && isOn(agent) && agent.clockError === 0,
    );
    // A few that lie together, from somewhere in the list.
    const first = list.length === 0 ? 0 : chance.below(list.length);
    return [...list.slice(first), ...list.slice(0, first)]
      .values()
      .filter((agent) => agent.status().registration.state === 'registered')
      .take(4)
      .toArray();
  };
  const rounds = {
    gateway,
    network,
    random: random.fork('rounds'),
    registered,
    async newcomers({ accountId }: Company, count: number) {
      const made: SimulatedAgent[] = [];
      for (let each = 0; each < count; each++) {
        const agent = await startSimulatedAgent(setting(`NEWCOMER-${newNumber()}`, accountId));
        agents.push(agent);
        made.push(agent);
        agenda.plan(now() + random.between(1, 9) * day, async () => {
          agent.retired = true;
        });
      }
      return made;
    },
    newNumber,
  };

  /** Instants at which something is over to the very millisecond: the jobs run just then. */
  const sharpInstant = (from: number, to: number): number | undefined => {
    const instants: number[] = [];
    const among = (at: number | null) => {
      if (at !== null && at >= from && at < to) instants.push(at);
    };
    for (const account of gateway.books().accounts.values()) {
      for (const lot of account.lots.values())
        if (lot.turn !== null) among(lot.turn === 'end' ? lot.endsAt : lot.startsAt);
      for (const instance of account.instances.values()) {
        if (instance.state === 'registered') among(instance.deadlineAt);
        if (isLiving(instance)) among(instance.certificate.expiresAt);
      }
    }
    return instants.length === 0 ? undefined : chance.pick(instants);
  };

  /** Every how many days the laws are checked over all that ever happened, which takes ever longer. */
  const lawDays = calm ? 40 : 10;

  /** A day of the world: its jobs, its offices, its agents, its trouble, and the auditor's visit. */
  const planDay = (index: number): void => {
    const morning = now();
    const evening = morning + day;
    const jobs = async () => gateway.runJobs();
    if (!calm) agenda.plan(morning + 2 * hour + 23 * minute, jobs);
    // Before the jobs of the same instant.
    for (const company of companies) {
      const ending = [...accountOf(gateway.books(), company).lots.values()].find(
        ({ turn, endsAt }) => turn === 'end' && endsAt !== null && endsAt >= morning && endsAt < evening,
      );
      if (ending === undefined || ending.endsAt === null) continue;
      agenda.plan(ending.endsAt, () => moveEndedLot(office, company, ending.lotId));
    }
    const sharp = sharpInstant(morning, evening);
    if (sharp !== undefined && (!calm || chance.chance(0.5))) {
      if (chance.chance(0.5)) agenda.plan(sharp - 1, jobs);
      agenda.plan(sharp, async () => {
        await gateway.runJobs();
        if (!calm) for (const company of companies) await audit(company);
      });
    }
    const anywhere = () => morning + chance.below(day - 1);
    const acts = calm ? 3 : 6;
    for (let each = 0; each < acts; each++) {
      agenda.plan(anywhere(), () => actInOffice(office, chance.pick(companies)));
    }
    if (chance.chance(calm ? 0.4 : 0.9)) {
      agenda.plan(anywhere(), () => runRound(rounds, chance.pick(companies)));
    }
    if (chance.chance(level.cutDays)) {
      agenda.plan(anywhere(), async () => {
        history.note('nobody reaches the server');
        network.cutUntil(now() + chance.between(1, 40) * hour);
      });
    }
    // Something happens to each agent about every six days, in a large world every hundred and fifty.
    const happenings = Math.ceil((agents.length / (calm ? 150 : 6)) * chance.next() * 2);
    for (let each = 0; each < happenings; each++) {
      agenda.plan(anywhere(), async () => {
        const agent = chance.pick(agents);
        if (!isOn(agent)) return;
        await live(lives, agent);
        wake(agent);
      });
    }
    // Whoever is out of compliance reports every twelve hours: a hundred of them would be most of what happens.
    const care = calm ? { share: 1, spare: 30 } : { share: 0.7, spare: 3 };
    const mend = async () => {
      for (const company of companies) await mendShortages(office, company, care);
    };
    if (calm) for (const at of [6, 12, 18]) agenda.plan(morning + at * hour, mend);
    agenda.plan(evening - 1, async () => {
      await gateway.runJobs();
      await mend();
      const visited = companies.filter((_, each) => !calm || each === index % (2 * companies.length));
      for (const company of visited) await audit(company);
      if (index % lawDays === lawDays - 1) await checkDatabase();
    });
    agenda.plan(evening, async () => {
      if (index + 1 < options.days) planDay(index + 1);
    });
  };

  const liveUntil = async (end: number): Promise<void> => {
    for (let at = agenda.nextAt(); at !== undefined && at <= end; at = agenda.nextAt()) {
      clock.moveTo(at);
      await agenda.take()?.();
      const failure = gateway.failure();
      if (failure !== undefined) throw failure;
    }
    clock.moveTo(end);
  };

  /** When all trouble is over, everybody is well again within a few days: nobody waits for ever. */
  const settleDown = async (): Promise<void> => {
    history.note('all trouble ends');
    gateway.calm();
    network.calm();
    // Of those that share an identity only one can be well.
    for (const agent of agents) if (agent.isClone) agent.retired = true;
    const living = agents.filter(({ retired }) => !retired);
    for (const agent of living) {
      agent.clockError = 0;
      agent.offUntil = 0;
      agenda.plan(now(), async () => {
        await agent.reboot();
        const { registration } = agent.status();
        if (registration.state === 'registered') await agent.act((product) => product.renewAuthorization());
        wake(agent);
      });
    }
    await liveUntil(now() + 2 * day);
    // What no proof could tell a person mends.
    for (const agent of living) {
      if (agent.retired || trouble(lives, agent) === undefined) continue;
      history.note(`${agent.name} ${await enrol(lives, agent, true)}`);
      wake(agent);
    }
    await liveUntil(now() + 2 * day);
    await gateway.runJobs();
    const unwell = living
      .filter(({ retired }) => !retired)
      .flatMap((agent) => {
        const problem = trouble(lives, agent);
        return problem === undefined ? [] : [`four days after all trouble ended ${agent.name} ${problem}`];
      });
    if (unwell.length > 0) throw new WorldFailure(unwell.slice(0, 5));
    for (const company of companies) await audit(company);
    await checkDatabase();
  };

  const problems: string[] = [];
  try {
    await populate();
    planDay(0);
    await liveUntil(now() + options.days * day);
    await settleDown();
  } catch (error) {
    const failure = gateway.failure() ?? error;
    if (failure instanceof WorldFailure) problems.push(...failure.problems);
    else problems.push(failure instanceof Error ? (failure.stack ?? failure.message) : String(failure));
  } finally {
    for (const agent of agents) agent.retired = true;
    await gateway.end();
    await direct.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
  const { requests, crashes, rounds: together } = gateway.counts();
  const cpu = process.cpuUsage(cpuBefore);
  return {
    seed,
    steps: history.steps(),
    requests,
    crashes,
    rounds: together,
    checks,
    faults: network.faults(),
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    seconds: (performance.now() - began) / 1000,
    problems,
    history: history.last(30),
  };
}
