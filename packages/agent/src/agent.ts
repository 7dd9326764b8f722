import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type InstanceIdentity, refusalRule } from '@estover/protocol/device';
import { parseSecret } from '@estover/protocol/secrets';
import { isSettled, mayBeSent, nextWakeAt, wantsMessage } from './clockwork.ts';
import { composeMessage } from './compose.ts';
import type { Notice } from './draft.ts';
import { AgentError } from './errors.ts';
import { appendEvents } from './event-log.ts';
import { exchange } from './exchange.ts';
import type { AgentSettings, AgentState } from './state.ts';
import { type AgentStatus, statusOf } from './status.ts';
import { type AgentInput, step } from './step.ts';
import { openStore, type Store } from './store.ts';
import { createTransport, type Transport } from './transport.ts';

export interface AgentOptions {
  /** A folder of the product's own; made with 0700 when it is missing. */
  folder: string;
  /** Needed at first use; kept in the folder afterwards. */
  serverUrl?: string;
  identity?: InstanceIdentity;
  caFile?: string;
  proxyUrl?: string;
  sendHostName?: boolean;
  sendVersion?: boolean;
  /** The three below are for tests and simulations. */
  transport?: Transport;
  now?: () => Temporal.Instant;
  random?: () => number;
}

/** What became of a registration or of another wish that needs the server. */
export type Outcome =
  | { done: true }
  /** Stored and tried; it goes on by itself when the agent is resident, or at the next command. */
  | { done: false; reason: string; nextAttemptAt: Temporal.Instant | undefined };

/** Called after a change is durable. What it throws becomes a warning of the process. */
export type Listener = (status: AgentStatus, notices: readonly Notice[]) => void;

/**
 * The agent of one product. It tells the product how it stands and never stops it: what to do is the product's choice.
 * All methods reject with AgentError when a wish is refused; then nothing changed.
 */
export interface Agent {
  /** Stays resident: contacts, renewals and retries happen by themselves until `stop`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves after one attempt; rejects with the server's refusal. */
  register(token: string, options?: { force?: boolean }): Promise<Outcome>;
  /** This side is unregistered at once; the outcome says whether the server knows already. */
  deregister(): Promise<Outcome>;
  /** From now on `count` of a license is in use: the whole number, not an addition, so that saying it twice is harmless. */
  request(tag: string, count: number): Promise<void>;
  /** `count` less of it is in use; all of it without a count. */
  release(tag: string, count?: number): Promise<void>;
  renewAuthorization(): Promise<Outcome>;
  renewCertificate(): Promise<Outcome>;
  /** Does everything that is due now and waits for the answers; for programs that do not stay resident. */
  settle(): Promise<Outcome>;
  status(): AgentStatus;
  /** @returns a function that ends the listening */
  onChange(listener: Listener): () => void;
}

/** Upper limit of a sleep: other processes may change the folder, and clocks are set. */
const longestSleepMilliseconds = 1000;

export async function createAgent(options: AgentOptions): Promise<Agent> {
  const store = openStore(options.folder);
  const agent = new FolderAgent(options, store);
  await agent.open();
  return agent;
}

class FolderAgent implements Agent {
  readonly #options: AgentOptions;
  readonly #store: Store;
  readonly #listeners = new Set<Listener>();
  #transport: Transport | undefined;
  #transportSettings = '';
  #seenVersion = '';
  #trouble = '';
  #driving: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #resident = false;

  constructor(options: AgentOptions, store: Store) {
    this.#options = options;
    this.#store = store;
  }

  async open(): Promise<void> {
    // A damaged state is told now, not when the product first needs a license.
    this.#store.read();
    const { identity, serverUrl, caFile, proxyUrl, sendHostName, sendVersion } = this.#options;
    const given = { serverUrl, caFile, proxyUrl, sendHostName, sendVersion };
    const settings: Partial<AgentSettings> = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    );
    if (Object.keys(settings).length > 0) await this.#apply({ kind: 'configure', settings });
    if (identity !== undefined) await this.#apply({ kind: 'identify', identity });
    this.#seenVersion = this.#store.version();
  }

  async start(): Promise<void> {
    if (this.#resident) return;
    this.#resident = true;
    await this.#apply({ kind: 'tick' });
    this.#wakeIn(0);
  }

  async stop(): Promise<void> {
    this.#resident = false;
    clearTimeout(this.#timer);
    // A message on its way is cut off; it is stored and goes out again.
    await this.#transport?.close();
    this.#transport = undefined;
    await this.#driving;
  }

  async register(token: string, { force = false }: { force?: boolean } = {}): Promise<Outcome> {
    const read = parseSecret(token, 'esrt_');
    if (!read.ok)
      throw new AgentError('token-malformed', `This is not a whole registration token. ${read.detail}`);
    this.#checkServer();
    await this.#apply({ kind: 'register', token: read.text, force });
    const outcome = await this.settle();
    const { failure } = this.#store.read();
    if (failure !== null)
      throw new AgentError(failure.code, `${failure.detail} ${refusalRule(failure.code).next}`);
    return outcome;
  }

  async deregister(): Promise<Outcome> {
    await this.#apply({ kind: 'deregister' });
    return await this.settle();
  }

  async request(tag: string, count: number): Promise<void> {
    await this.#apply({ kind: 'use', tag, count });
    this.#wakeIn(0);
  }

  async release(tag: string, count?: number): Promise<void> {
    const inUse = this.#store.read().use.find((use) => use.tag === tag)?.count ?? 0;
    if (count !== undefined && (!Number.isSafeInteger(count) || count < 1 || count > inUse)) {
      throw new AgentError(
        'count-invalid',
        `Release a whole number from 1 to ${inUse}, which is what is in use; found ${count}.`,
      );
    }
    await this.request(tag, inUse - (count ?? inUse));
  }

  async renewAuthorization(): Promise<Outcome> {
    await this.#apply({ kind: 'renew-authorization' });
    return await this.settle();
  }

  async renewCertificate(): Promise<Outcome> {
    await this.#apply({ kind: 'renew-certificate' });
    return await this.settle();
  }

  async settle(): Promise<Outcome> {
    await this.#drive();
    const state = this.#store.read();
    if (isSettled(state)) return { done: true };
    const nextAttemptAt = nextWakeAt(state);
    return { done: false, reason: state.trouble.reason ?? 'there was no attempt yet', nextAttemptAt };
  }

  status(): AgentStatus {
    // Shown as of now: what time did since the last write is counted, though not stored.
    const context = { at: this.#now(), random: () => 0 };
    return statusOf(step(this.#store.read(), { kind: 'tick' }, context).state);
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One input: stepped, a message made if one is wanted, stored as one, then logged and announced. */
  async #apply(...inputs: AgentInput[]): Promise<AgentState> {
    const at = this.#now();
    const { state, notices } = await this.#store.update(async (before) => {
      const result = await this.#run(before, inputs, at);
      return { state: result.state, result };
    });
    this.#seenVersion = this.#store.version();
    try {
      appendEvents(
        this.#options.folder,
        at.round({ smallestUnit: 'millisecond', roundingMode: 'floor' }).toString(),
        notices,
      );
    } catch (error) {
      // The change is durable already; a log that cannot be written must not look like a refusal of it.
      this.#warn(error);
    }
    if (notices.length > 0) this.#announce(notices);
    return state;
  }

  async #run(before: AgentState, inputs: AgentInput[], at: Temporal.Instant) {
    const context = { at, random: this.#options.random ?? Math.random };
    const notices: Notice[] = [];
    let state = before;
    for (const input of inputs) {
      const result = step(state, input, context);
      if (result.refusal !== undefined) throw new AgentError(result.refusal.code, result.refusal.detail);
      state = result.state;
      notices.push(...result.notices);
    }
    if (wantsMessage(state, at)) {
      const message = await composeMessage(state, { at, newMessageId: randomUUID });
      const result = step(state, { kind: 'composed', message }, context);
      state = result.state;
      notices.push(...result.notices);
    }
    // Time passing without consequence is not worth a write.
    return { state: isDeepStrictEqual(state, before) ? before : state, notices };
  }

  /** Sends what is due until nothing is; one at a time, however many ask. */
  async #drive(): Promise<void> {
    while (this.#driving !== undefined) await this.#driving;
    this.#driving = this.#driveOnce().finally(() => {
      this.#driving = undefined;
    });
    await this.#driving;
  }

  async #driveOnce(): Promise<void> {
    let state = await this.#apply({ kind: 'tick' });
    // Bounded: answer, report again because use changed meanwhile, renew, and some room.
    for (let messages = 0; messages < 8 && mayBeSent(state, this.#now()); messages += 1) {
      const { outgoing } = state;
      if (outgoing === null) return;
      const inputs = await exchange(state, outgoing, this.#line(state), () => this.#now());
      state = await this.#apply(...inputs);
    }
  }

  #wakeIn(milliseconds: number): void {
    if (!this.#resident) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#wake(), milliseconds);
  }

  async #wake(): Promise<void> {
    try {
      const isChanged = this.#store.version() !== this.#seenVersion;
      if (isChanged) this.#announce([]);
      const state = this.#store.read();
      const wakeAt = nextWakeAt(state);
      const isDue = wakeAt !== undefined && wakeAt.epochMilliseconds <= this.#now().epochMilliseconds;
      if (isDue || isChanged || wantsMessage(state, this.#now()) || mayBeSent(state, this.#now()))
        await this.#drive();
      this.#trouble = '';
    } catch (error) {
      this.#warn(error);
    }
    this.#wakeIn(longestSleepMilliseconds);
  }

  /**
   * A full disk, a busy or a damaged folder: it may pass, and the product must not fall with it. Told to the process and
   * not to the listeners, who would be told a status that cannot be read; and once, not at every look.
   */
  #warn(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (text === this.#trouble) return;
    this.#trouble = text;
    process.emitWarning(error instanceof Error ? error : text);
  }

  #announce(notices: readonly Notice[]): void {
    this.#seenVersion = this.#store.version();
    const status = this.status();
    for (const listener of this.#listeners) {
      try {
        listener(status, notices);
      } catch (error) {
        // The change is durable already; a listener's mistake must not look like the agent's refusal.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }

  #checkServer(): void {
    this.#line(this.#store.read());
  }

  #line(state: AgentState): Transport {
    if (this.#options.transport !== undefined) return this.#options.transport;
    const { serverUrl, caFile, proxyUrl } = state.settings;
    const settings = JSON.stringify([serverUrl, caFile, proxyUrl]);
    if (this.#transport === undefined || this.#transportSettings !== settings) {
      void this.#transport?.close();
      this.#transport = createTransport({ serverUrl, caFile, proxyUrl });
      this.#transportSettings = settings;
    }
    return this.#transport;
  }

  #now(): Temporal.Instant {
    return this.#options.now?.() ?? Temporal.Now.instant();
  }
}
