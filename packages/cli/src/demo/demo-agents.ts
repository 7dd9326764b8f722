import { join } from 'node:path';
import { type Agent, type AgentStatus, createAgent } from '@estover/agent';
import { type DemoAgent, readAgents } from './demo-files.ts';

export interface RunningAgents {
  /** How each agent stands, in its own words. */
  statuses(): AgentStatus[];
  /** One thing that happens in a company's day, told in a sentence; null when nothing did. */
  liveALittle(): Promise<string | null>;
  stop(): Promise<void>;
}

interface Living {
  plan: DemoAgent;
  agent: Agent;
}

/** Starts the demo's agents: each with a folder, a key pair and an identity of its own, speaking HTTP to the server. */
export async function startAgents(options: {
  dataFolder: string;
  serverUrl: string;
  tokens: Record<string, string>;
  limit: number;
  random(): number;
  progress(done: number, of: number): void;
}): Promise<RunningAgents> {
  const { random } = options;
  const plans = (await readAgents()).slice(0, options.limit);
  const living: Living[] = [];
  try {
    for (const plan of plans) {
      const agent = await createAgent({
        folder: join(options.dataFolder, 'agents', plan.serialNumber),
        serverUrl: options.serverUrl,
        identity: { productId: plan.productId, serialNumber: plan.serialNumber, hostName: plan.hostName },
      });
      living.push({ plan, agent });
      if (agent.status().registration.state !== 'registered') await begin(plan, agent, options.tokens);
      await agent.start();
      options.progress(living.length, plans.length);
    }
  } catch (error) {
    await Promise.all(living.map(({ agent }) => agent.stop()));
    throw error;
  }

  return {
    statuses: () => living.map(({ agent }) => agent.status()),
    async liveALittle() {
      const chosen = living[Math.floor(random() * living.length)];
      if (chosen === undefined) return null;
      const { plan, agent } = chosen;
      if (agent.status().registration.state !== 'registered') {
        await begin(plan, agent, options.tokens);
        return `${plan.hostName} came back and registered`;
      }
      if (random() < 0.1) {
        await agent.deregister();
        return `${plan.hostName} deregistered`;
      }
      const use = plan.usage[Math.floor(random() * plan.usage.length)];
      if (use === undefined) return null;
      const count = Math.max(0, Math.round(use.count * (0.85 + random() * 0.25)));
      await agent.request(use.tag, count);
      await agent.settle();
      return `${plan.hostName} uses ${count} of ${nameOf(use.tag)}`;
    },
    async stop() {
      await Promise.all(living.map(({ agent }) => agent.stop()));
    },
  };
}

/** What a product does at its first start: says what it uses, then registers. */
async function begin(plan: DemoAgent, agent: Agent, tokens: Record<string, string>): Promise<void> {
  for (const { tag, count } of plan.usage) await agent.request(tag, count);
  const outcome = await agent.register(tokens[plan.virtualAccount] ?? '', { force: true });
  if (!outcome.done) throw new Error(`${plan.hostName} could not register: ${outcome.reason}`);
  await agent.settle();
}

/** The readable part of an entitlement tag: `NAME,version`. */
const nameOf = (tag: string): string => /\.([A-Za-z0-9_-]+),/.exec(tag)?.[1] ?? tag;
