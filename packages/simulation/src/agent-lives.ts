import { join } from 'node:path';
import type { AgentStatus } from '@estover/agent';
import { createToken } from '@estover/protocol';
import { formatSecret } from '@estover/protocol/secrets';
import { isLiving } from './auditor/books.ts';
import { tokenStateAt } from './auditor/instance-rules.ts';
import { day, hour, minute } from './clock.ts';
import { accountOf, type Catalog, type Company, unknownTag } from './company.ts';
import type { Gateway } from './gateway.ts';
import type { History } from './history.ts';
import type { Random } from './random.ts';
import type { SimulatedAgent } from './simulated-agent.ts';

/** What happens to products and what the people beside them do. */
export interface LifeSetting {
  gateway: Gateway;
  random: Random;
  history: History;
  catalog: Catalog;
  now(): number;
  companyOf(agent: SimulatedAgent): Company;
  /** Whether disks are rolled back, agents cloned, clocks wrong and processes killed. */
  isRough: boolean;
  /** Lets something happen later. */
  later(delay: number, what: () => Promise<void>): void;
  /** Makes a clone of an agent, with a folder of its own; it lives until it is retired. */
  clone(agent: SimulatedAgent): Promise<void>;
}

/** What is refused for good a person takes out again some days later; until then its product reports every 12 hours. */
async function giveUpRefused(agent: SimulatedAgent): Promise<void> {
  if (agent.retired) return;
  const refused = agent
    .status()
    .licenses.filter(({ state }) => state === 'invalid-tag' || state === 'disabled');
  for (const { tag } of refused) await agent.act((product) => product.release(tag));
}

type Deed = (setting: LifeSetting, agent: SimulatedAgent) => Promise<string>;

const change: Deed = async ({ random, catalog, later }, agent) => {
  const tags = [...catalog.plain, catalog.exportControlled];
  const inUse = agent.status().licenses.map(({ tag }) => tag);
  // A tag that nobody knows is a mistake that is soon mended; more than two licenses at once are rare.
  const wrong = inUse.find((tag) => tag === unknownTag);
  if (wrong !== undefined) await agent.act((product) => product.release(wrong));
  else if (inUse.length > 2) await agent.act((product) => product.release(random.pick(inUse)));
  const tag = random.chance(0.03)
    ? unknownTag
    : random.pick(random.chance(0.5) && inUse.length > 0 ? inUse : tags);
  const count = random.chance(0.2) ? 0 : random.between(1, 4);
  if (!catalog.plain.includes(tag)) later(random.between(6, 60) * hour, () => giveUpRefused(agent));
  await agent.act((product) => product.request(tag, count));
  return `uses ${count} of ${tag.split('.').at(-3)}; ${await agent.act((product) => product.settle())}`;
};

const report: Deed = async (_setting, agent) =>
  `reports when asked: ${await agent.act((product) => product.renewAuthorization())}`;

const renew: Deed = async (_setting, agent) =>
  `renews its certificate when asked: ${await agent.act((product) => product.renewCertificate())}`;

const renewThroughCrash: Deed = async (setting, agent) => {
  setting.gateway.crashNext();
  return `${await renew(setting, agent)}, over a crash`;
};

const leave: Deed = async (_setting, agent) =>
  `deregisters: ${await agent.act((product) => product.deregister())}`;

const reboot: Deed = async (_setting, agent) => {
  await agent.reboot();
  return 'reboots';
};

const die: Deed = async (_setting, agent) => {
  await agent.act((product) => product.request(unknownTag, 0));
  await agent.act(async () => agent.dieInExchange());
  return 'dies while it waits for a reply';
};

const sleep: Deed = async ({ random, now }, agent) => {
  const days = random.pick([2, 5, 35, 95, 130]);
  agent.offUntil = now() + days * day;
  return `is switched off for ${days} days`;
};

const rollBack: Deed = async (_setting, agent) => {
  if (!(await agent.rollBack())) {
    agent.snapshot();
    return 'keeps a copy of its disk';
  }
  return `goes back to an older copy of its disk; ${await agent.act((product) => product.settle())}`;
};

const misset: Deed = async ({ random, later, history }, agent) => {
  const errors = [-50 * minute, 50 * minute, -3 * hour, 3 * hour, -4 * day, 2 * day];
  agent.clockError = random.pick(errors);
  later(random.between(2, 36) * hour, async () => {
    agent.clockError = 0;
    history.note(`${agent.name} has its clock set right`);
  });
  return `has a clock that differs by ${agent.clockError / minute} minutes`;
};

const split: Deed = async ({ clone }, agent) => {
  if (agent.status().registration.state !== 'registered') return 'is not worth a clone';
  await clone(agent);
  return 'is cloned';
};

const deeds: readonly [number, Deed][] = [
  [14, change],
  [3, report],
  [1, renew],
  [1, leave],
  [2, reboot],
  [1, sleep],
];
const roughDeeds: readonly [number, Deed][] = [
  ...deeds,
  [2, die],
  [2, renewThroughCrash],
  [4, rollBack],
  [2, misset],
  [2, split],
];

/** What the server said without a proof only a person can mend, who registers the product again. */
export const isLost = ({ communication }: AgentStatus): boolean =>
  /^(certificate-unknown|instance-unknown)/.test(communication.reason ?? '');

/** Registers a product again that only a person can mend; nothing when it is well meanwhile. */
export async function mendLost(setting: LifeSetting, agent: SimulatedAgent): Promise<void> {
  if (agent.retired || !isLost(agent.status())) return;
  setting.history.note(`${agent.name} ${await enrol(setting, agent, true)}`);
}

/** One thing that happens to an agent; an agent without a registration tries to get one. */
export async function live(setting: LifeSetting, agent: SimulatedAgent): Promise<void> {
  const status = agent.status();
  const { registration } = status;
  if (isLost(status)) return mendLost(setting, agent);
  if (registration.state !== 'registered' && registration.state !== 'registering') {
    setting.history.note(`${agent.name} ${await enrol(setting, agent)}`);
    return;
  }
  const choices = setting.isRough ? roughDeeds : deeds;
  let drawn = setting.random.below(choices.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, deed] of choices) {
    drawn -= weight;
    if (drawn >= 0) continue;
    setting.history.note(`${agent.name} ${await deed(setting, agent)}`);
    return;
  }
}

/** Registers with a token of the account: nearly always one that should do. */
export async function enrol(setting: LifeSetting, agent: SimulatedAgent, mustForce = false): Promise<string> {
  const { random, gateway, now } = setting;
  const company = setting.companyOf(agent);
  const account = accountOf(gateway.books(), company);
  const tokens = [...account.tokens.values()];
  const good = tokens.filter((token) => tokenStateAt(token, now()) === 'active');
  let secret = good.length === 0 ? undefined : random.pick(good).secret;
  if (!mustForce && random.chance(0.04)) secret = guess(setting, account.accountId);
  else if (!mustForce && random.chance(0.15)) secret = random.pick(tokens).secret;
  if (secret === undefined) secret = await newToken(setting, company);
  const token = secret ?? guess(setting, account.accountId);
  const force = mustForce || random.chance(0.6);
  const outcome = await agent.act((product) => product.register(token, { force }));
  return `registers${force ? ' with force' : ''}: ${outcome}`;
}

async function newToken({ random, gateway }: LifeSetting, company: Company): Promise<string | undefined> {
  const { accountId, administrator } = company;
  const places = [...accountOf(gateway.books(), company).places.keys()];
  const made = await administrator.call(createToken, {
    params: { accountId, virtualAccountId: random.pick(places) },
    body: { expiresInDays: 200 },
  });
  return made.ok ? made.answer.secret : undefined;
}

/** A token that is well formed and that nobody made. */
const guess = ({ random }: LifeSetting, accountId: string): string =>
  formatSecret(
    'esrt_',
    accountId,
    Uint8Array.from({ length: 20 }, () => random.below(256)),
  );

/** Where a clone's disk is: beside the original's. */
export const folderOf = (root: string, name: string): string => join(root, name.replaceAll(/[^\w-]/g, '_'));

/**
 * Whether an agent is well: registered, with nothing left to tell, and told what its server knows; or sure, by a proof,
 * that it is registered no more. Returns what is wrong, or undefined.
 */
export function trouble(setting: LifeSetting, agent: SimulatedAgent): string | undefined {
  const { registration, authorization, communication } = agent.status();
  if (registration.state !== 'registered') {
    return registration.state === 'registering' ? `still registers (${communication.reason})` : undefined;
  }
  if (communication.failures > 0) return `is not answered (${communication.reason})`;
  if (authorization.reporting) return `still has something to tell (${communication.reason})`;
  const account = accountOf(setting.gateway.books(), setting.companyOf(agent));
  const instance = account.instances.get(registration.instanceId ?? '');
  if (instance === undefined) return 'believes in a registration that nobody made';
  if (!isLiving(instance)) return `believes to be registered and is ${instance.state}`;
  if (instance.state !== 'registered') return `reported, and its authorization is expired all the same`;
  if (!/^(authorized|out-of-compliance|no-licenses-in-use)$/.test(authorization.state)) {
    return `is ${authorization.state} although it reported`;
  }
  return undefined;
}
