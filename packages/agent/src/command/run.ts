import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { instanceIdentitySchema } from '@estover/protocol/device';
import { type Agent, type AgentOptions, createAgent, type Outcome } from '../agent.ts';
import { AgentError } from '../errors.ts';
import { readEvents } from '../event-log.ts';
import { shortName } from '../status.ts';
import type { Transport } from '../transport.ts';
import { type CommandLine, help, readCommandLine, UsageError, type Wish } from './arguments.ts';
import { jsonViews, views } from './show.ts';

/** The outside world of the command, so that tests can be it. */
export interface Surroundings {
  environment: NodeJS.ProcessEnv;
  print(text: string): void;
  complain(text: string): void;
  readInput(): Promise<string>;
  /** Resolves when the process is asked to end. */
  untilAskedToEnd(): Promise<void>;
  now?: () => Temporal.Instant;
  transport?: Transport;
}

export const exitCodes = { done: 0, refused: 1, usage: 2, unanswered: 3 } as const;

/** Runs one command line and gives its exit code; never rejects for what a person can mend. */
export async function runCommand(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  let isJson = argv.includes('--json');
  try {
    const line = readCommandLine(argv, surroundings.environment);
    isJson = line.json;
    return await carryOut(line, surroundings);
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof AgentError)) throw error;
    const code = error instanceof AgentError ? error.code : 'usage';
    if (isJson) surroundings.print(JSON.stringify({ done: false, code, detail: error.message }));
    else surroundings.complain(`estover-agent: ${error.message}`);
    if (error instanceof AgentError) return exitCodes.refused;
    if (!isJson) surroundings.complain('estover-agent help shows the commands.');
    return exitCodes.usage;
  }
}

async function carryOut(line: CommandLine, surroundings: Surroundings): Promise<number> {
  const { wish } = line;
  if (wish.do === 'help') {
    surroundings.print(help);
    return exitCodes.done;
  }
  // A mistyped folder must not be made.
  if (!existsSync(line.folder) && (line.identity.productId === undefined || isShow(wish))) {
    const problem = `There is no product instance in the folder ${line.folder} yet.`;
    const instead = 'or name the right folder with --folder';
    throw new AgentError('folder-unusable', `${problem} ${howToRegister(line)}; ${instead}.`);
  }
  if (wish.do === 'show-eventlog') {
    const events = readEvents(line.folder);
    const lines = events.map(
      ({ at, name, text }) => `${at.replace('T', ' ').replace('Z', ' UTC')} ${name} ${text}`,
    );
    surroundings.print(line.json ? JSON.stringify(events, null, 2) : lines.join('\n'));
    return exitCodes.done;
  }
  // At first use no short name is known: refused before the folder is made.
  if (wish.do === 'request' && !existsSync(line.folder)) wholeTag(wish.tag, [], 'known here');
  const agent = await open(line, surroundings);
  try {
    if (!isShow(wish) && agent.status().registration.state === 'unidentified') {
      throw new AgentError(
        'not-identified',
        `The product id and the serial number are not known yet. ${howToRegister(line)}.`,
      );
    }
    return await actOn(agent, line, surroundings);
  } finally {
    await agent.stop();
  }
}

async function actOn(agent: Agent, { wish, json }: CommandLine, surroundings: Surroundings): Promise<number> {
  const { print } = surroundings;
  const finish = (outcome: Outcome, text: string): number => {
    if (isRemoved(agent)) {
      // A changed use is kept and goes on in evaluation; how it stands is said before the refusal.
      if (!json && (wish.do === 'request' || wish.do === 'release')) print(text);
      throw removed(agent);
    }
    if (json) {
      const { nextAttemptAt, ...rest } = { nextAttemptAt: undefined, ...outcome };
      print(
        JSON.stringify({
          ...rest,
          ...(nextAttemptAt === undefined ? {} : { nextAttemptAt: `${nextAttemptAt}` }),
        }),
      );
    } else if (outcome.done) {
      print(text);
    } else {
      print(`Stored, but the server has not answered yet: ${outcome.reason}`);
      print(`The next attempt is made by "estover-agent run" or by the next command.`);
    }
    return outcome.done ? exitCodes.done : exitCodes.unanswered;
  };
  if ((wish.do === 'renew' || wish.do === 'deregister') && isRemoved(agent)) throw removed(agent);
  switch (wish.do) {
    case 'register': {
      const token = wish.token === '-' ? await surroundings.readInput() : wish.token;
      const outcome = await agent.register(token, { force: wish.force });
      const { accountName, virtualAccountName } = agent.status().registration;
      return finish(
        outcome,
        `Registered with account ${accountName}, virtual account ${virtualAccountName}.`,
      );
    }
    case 'deregister':
      return finish(await agent.deregister(), 'Deregistered. The licenses are back in their pool.');
    case 'renew':
      if (wish.what === 'auth') {
        return finish(
          await agent.renewAuthorization(),
          `License authorization: ${agent.status().authorization.state}`,
        );
      }
      return finish(await agent.renewCertificate(), 'The certificate is renewed.');
    case 'request': {
      const tag = wholeTag(wish.tag, agent.status().knownTags, 'known here');
      await agent.request(tag, wish.count);
      return finish(await agent.settle(), describeLicense(agent, tag));
    }
    case 'release': {
      const inUse = agent.status().licenses.map((license) => license.tag);
      const tag = wholeTag(wish.tag, inUse, 'in use');
      await agent.release(tag, wish.count);
      return finish(await agent.settle(), describeLicense(agent, tag));
    }
    case 'run':
      return await stayResident(agent, json, surroundings);
    case 'show':
      print(
        json
          ? JSON.stringify(jsonViews[wish.view](agent.status()), null, 2)
          : views[wish.view](agent.status()).join('\n'),
      );
      return exitCodes.done;
    case 'show-eventlog':
    case 'help':
      return exitCodes.done;
  }
}

async function stayResident(agent: Agent, json: boolean, surroundings: Surroundings): Promise<number> {
  const stopListening = agent.onChange((_, notices) => {
    for (const notice of notices)
      surroundings.print(json ? JSON.stringify(notice) : `${notice.name}: ${notice.text}`);
  });
  await agent.start();
  const { state } = agent.status().registration;
  if (isRemoved(agent)) surroundings.complain(`estover-agent: ${removed(agent).message}`);
  surroundings.print(
    json ? JSON.stringify({ name: 'ready', text: state }) : `ready: registration is ${state}`,
  );
  await surroundings.untilAskedToEnd();
  stopListening();
  return exitCodes.done;
}

/** True from the server's proof that it removed the instance until a new registration is asked for. */
function isRemoved(agent: Agent): boolean {
  return agent.status().registration.failure?.code === 'instance-removed';
}

function removed(agent: Agent): AgentError {
  const detail =
    agent.status().registration.failure?.detail ?? 'The server has removed this product instance.';
  return new AgentError(
    'instance-removed',
    `${detail} Register it again: estover-agent register --token TOKEN`,
  );
}

/** The first step, with what has to be given once. */
function howToRegister({ wish }: CommandLine): string {
  const word = wish.do === 'register' ? 'Give everything at first use' : 'Register first';
  return `${word}: estover-agent register --token TOKEN --server URL --pid ID --serial NUMBER`;
}

function isShow(wish: Wish): boolean {
  return wish.do === 'show' || wish.do === 'show-eventlog';
}

/**
 * The tag that is meant: as it is when it is whole or among `known`, or else the only one of `known` with this short name.
 *
 * @throws UsageError when it is none, or could be several
 */
function wholeTag(text: string, known: readonly string[], knownHow: string): string {
  if (known.includes(text) || shortName(text) !== text) return text;
  const meant = known.filter((tag) => shortName(tag) === text);
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  const found =
    meant.length === 0
      ? `is not a whole tag, and no tag ${knownHow} has this name`
      : `could be any of ${meant.join(' and ')}`;
  throw new UsageError(
    `${JSON.stringify(text)} ${found}. A tag looks like regid.2026-01.example.estover.NET_ADV,1.0_6f9619ff-8b86-4d01-b42d-00cf4fc964ff; copy the whole one.`,
  );
}

function describeLicense(agent: Agent, tag: string): string {
  const license = agent.status().licenses.find((candidate) => candidate.tag === tag);
  if (license === undefined) return `${tag}: not in use any more`;
  return `${license.name}: ${license.count} in use, ${license.state}`;
}

async function open(line: CommandLine, { now, transport }: Surroundings): Promise<Agent> {
  const options: AgentOptions = { folder: line.folder, ...line.settings };
  if (now !== undefined) options.now = now;
  if (transport !== undefined) options.transport = transport;
  const { productId, serialNumber } = line.identity;
  if (productId !== undefined || serialNumber !== undefined) {
    if (productId === undefined || serialNumber === undefined)
      throw new UsageError('--pid and --serial go together');
    const identity = instanceIdentitySchema.safeParse({ hostName: hostname(), ...line.identity });
    if (!identity.success) {
      const [issue] = identity.error.issues;
      throw new UsageError(`the identity is not valid at ${issue?.path.join('.')}: ${issue?.message}`);
    }
    options.identity = identity.data;
  } else if (Object.keys(line.identity).length > 0) {
    throw new UsageError('give --pid and --serial with the other options of the identity');
  }
  return await createAgent(options);
}
