import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Agent, AgentError, type AgentStatus, createAgent } from '@estover/agent';
import { millisecondsOf, minute, second, type WorldClock } from './clock.ts';
import { WorldFailure } from './history.ts';
import type { Link, Network } from './network.ts';
import type { Random } from './random.ts';

/** A product with the real agent in it: its folder is its disk, its clock may be wrong, and it dies without warning. */
export interface SimulatedAgent {
  readonly name: string;
  readonly accountId: string;
  /** Whether it began as a copy of another one's disk. */
  readonly isClone: boolean;
  /** How far its clock is from the world's; positive when it is ahead. */
  clockError: number;
  /** Switched off until then. */
  offUntil: number;
  /** Thrown away for good. */
  retired: boolean;
  status(): AgentStatus;
  /** Does something with the agent. A refusal is told by its code, `done` otherwise. */
  act(what: (agent: Agent) => Promise<unknown>): Promise<string>;
  /** The process dies and starts again on the same disk. */
  reboot(): Promise<void>;
  /** The process dies while it waits for the reply to its next message, and starts again. */
  dieInExchange(): Promise<void>;
  /** Keeps a copy of the disk, to come back to. */
  snapshot(): void;
  /** Puts the kept copy back, if there is one. */
  rollBack(): Promise<boolean>;
  /** When the agent wants to do something by itself, by the world's clock, as it is now or was a moment ago. */
  nextWakeAt(status?: AgentStatus): number;
}

export interface AgentSetting {
  name: string;
  accountId: string;
  folder: string;
  /** A folder to begin with, for a clone. */
  copyOf?: string;
  serialNumber: string;
  clock: WorldClock;
  network: Network;
  random: Random;
}

export const stateFile = 'state.json';

export async function startSimulatedAgent(setting: AgentSetting): Promise<SimulatedAgent> {
  const { name, accountId, folder, clock, network, random } = setting;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (setting.copyOf !== undefined) cpSync(join(setting.copyOf, stateFile), join(folder, stateFile));
  let link: Link = { isCut: false, onReply: undefined };
  let agent: Agent;
  let kept: string | undefined;

  const start = async (): Promise<void> => {
    // Whatever the process before still waits for, it never hears of.
    link.isCut = true;
    link = { isCut: false, onReply: undefined };
    agent = await createAgent({
      folder,
      identity: { productId: 'SIM-1', serialNumber: setting.serialNumber },
      transport: network.lineOf(name, link),
      now: () => Temporal.Instant.fromEpochMilliseconds(clock.milliseconds() + self.clockError),
      random: () => random.next(),
    });
  };

  const self: SimulatedAgent = {
    name,
    accountId,
    isClone: setting.copyOf !== undefined,
    clockError: 0,
    offUntil: 0,
    retired: false,
    status: () => agent.status(),
    async act(what) {
      try {
        await what(agent);
        return 'done';
      } catch (error) {
        if (error instanceof AgentError) return error.code;
        throw error;
      }
    },
    reboot: start,
    async dieInExchange() {
      const died = new Promise<void>((resolve) => {
        const mine = link;
        mine.onReply = () => {
          mine.isCut = true;
          resolve();
        };
      });
      await Promise.race([died, agent.settle()]);
      await start();
    },
    snapshot() {
      kept = readFileSync(join(folder, stateFile), 'utf8');
    },
    async rollBack() {
      if (kept === undefined) return false;
      writeFileSync(join(folder, stateFile), kept);
      kept = undefined;
      await start();
      return true;
    },
    nextWakeAt({ authorization, registration, communication } = agent.status()) {
      const { nextAttemptAt } = communication;
      // While a message waits for its next attempt nothing else is sent, whatever else is due.
      if (nextAttemptAt !== null) {
        return Math.max(millisecondsOf(nextAttemptAt) - self.clockError, clock.milliseconds() + second);
      }
      if (registration.state !== 'registered') return Number.POSITIVE_INFINITY;
      const planned = [authorization.nextContactAt, registration.nextRenewalAt].filter(
        (instant) => instant !== null,
      );
      return Math.max(
        Math.min(...planned.map(millisecondsOf)) - self.clockError,
        clock.milliseconds() + minute,
      );
    },
  };
  await start();
  return self;
}

/** What is told of an agent when something is wrong with it. */
export function failureOf({ name }: SimulatedAgent, problem: string): WorldFailure {
  return new WorldFailure([`${name}: ${problem}`]);
}
