import { parseArgs } from 'node:util';
import { type ViewName, viewNames } from './show.ts';

/** What a command line asks for. */
export type Wish =
  | { do: 'register'; token: string; force: boolean }
  | { do: 'deregister' }
  | { do: 'renew'; what: 'auth' | 'id' }
  | { do: 'request'; tag: string; count: number }
  | { do: 'release'; tag: string; count: number | undefined }
  | { do: 'run' }
  | { do: 'show'; view: ViewName }
  | { do: 'show-eventlog' }
  | { do: 'help' };

export interface CommandLine {
  wish: Wish;
  folder: string;
  json: boolean;
  /** What was given of these; the rest is what the folder knows. */
  settings: {
    serverUrl?: string;
    caFile?: string;
    proxyUrl?: string;
    sendHostName?: boolean;
    sendVersion?: boolean;
  };
  identity: {
    productId?: string;
    serialNumber?: string;
    versionId?: string;
    uuid?: string;
    hostName?: string;
    softwareTag?: string;
    softwareVersion?: string;
  };
}

/** A command line that cannot be understood; exit code 2. */
export class UsageError extends Error {}

export const help = `estover-agent: licenses for a product instance

  estover-agent register --token TOKEN [--force]   register with a token (--token - reads it from standard input)
  estover-agent deregister                         give the registration and its licenses back
  estover-agent request TAG COUNT                  use COUNT of a license from now on (the whole number)
  estover-agent release TAG [COUNT]                use COUNT less of it, or none of it
  estover-agent renew auth | id                    report now | renew the certificate now
  estover-agent run                                stay resident: report, renew and retry by itself
  estover-agent show license summary | usage | status | all | udi | eventlog

TAG is a whole entitlement tag, or the NAME in it when this instance knows exactly one tag with that name.

Options
  --folder FOLDER     where this instance keeps its state (ESTOVER_AGENT_FOLDER, or .estover-agent)
  --json              print JSON

At first use, kept afterwards
  --server URL        address of the server
  --pid ID --serial NUMBER                         who this instance is
  --vid ID --uuid UUID --host-name NAME --software-tag TAG --software-version VERSION
  --ca FILE           PEM file of the authorities for HTTPS, instead of the system's
  --proxy URL         HTTP(S) proxy
  --hide-host-name, --hide-version                 keep them to yourself

Exit codes: 0 done; 1 refused or failed; 2 the command line is wrong; 3 stored, but the server has not answered yet
`;

/** @throws UsageError */
export function readCommandLine(argv: readonly string[], environment: NodeJS.ProcessEnv): CommandLine {
  const { values, positionals } = parse(argv);
  const [verb, ...rest] = positionals;
  const settings = defined({
    serverUrl: values.server,
    caFile: values.ca,
    proxyUrl: values.proxy,
    sendHostName: values['hide-host-name'] === undefined ? undefined : !values['hide-host-name'],
    sendVersion: values['hide-version'] === undefined ? undefined : !values['hide-version'],
  });
  const identity = defined({
    productId: values.pid,
    serialNumber: values.serial,
    versionId: values.vid,
    uuid: values.uuid?.toLowerCase(),
    hostName: values['host-name'],
    softwareTag: values['software-tag'],
    softwareVersion: values['software-version'],
  });
  const wish = values.help ? { do: 'help' as const } : readWish(verb, rest, values);
  if (wish.do !== 'register' && (values.token !== undefined || values.force)) {
    throw new UsageError('--token and --force belong to register');
  }
  const folder = values.folder ?? environment.ESTOVER_AGENT_FOLDER ?? '.estover-agent';
  return { wish, folder, json: values.json ?? false, settings, identity };
}

function readWish(
  verb: string | undefined,
  rest: string[],
  values: { token?: string; force?: boolean },
): Wish {
  switch (verb) {
    case undefined:
    case 'help':
      return { do: 'help' };
    case 'register':
      expectCount(rest, 0, 0, 'register --token TOKEN [--force]');
      if (values.token === undefined) throw new UsageError('register needs --token TOKEN');
      return { do: 'register', token: values.token, force: values.force ?? false };
    case 'deregister':
    case 'run':
      expectCount(rest, 0, 0, verb);
      return { do: verb };
    case 'renew': {
      const [what] = rest;
      if (rest.length !== 1 || (what !== 'auth' && what !== 'id'))
        throw new UsageError('renew auth, or renew id');
      return { do: 'renew', what };
    }
    case 'request': {
      expectCount(rest, 2, 2, 'request TAG COUNT');
      return { do: 'request', tag: rest[0] ?? '', count: readCount(rest[1], 0) };
    }
    case 'release':
      expectCount(rest, 1, 2, 'release TAG [COUNT]');
      return {
        do: 'release',
        tag: rest[0] ?? '',
        count: rest.length === 2 ? readCount(rest[1], 1) : undefined,
      };
    case 'show': {
      const [license, name, ...more] = rest;
      const view = viewNames.find((candidate) => candidate === name);
      if (license === 'license' && name === 'eventlog' && more.length === 0) return { do: 'show-eventlog' };
      if (license !== 'license' || view === undefined || more.length > 0) {
        throw new UsageError(`show license ${[...viewNames, 'eventlog'].join(' | ')}`);
      }
      return { do: 'show', view };
    }
    default:
      throw new UsageError(`there is no command ${JSON.stringify(verb)}`);
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        token: { type: 'string' },
        force: { type: 'boolean' },
        folder: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        server: { type: 'string' },
        ca: { type: 'string' },
        proxy: { type: 'string' },
        'hide-host-name': { type: 'boolean' },
        'hide-version': { type: 'boolean' },
        pid: { type: 'string' },
        serial: { type: 'string' },
        vid: { type: 'string' },
        uuid: { type: 'string' },
        'host-name': { type: 'string' },
        'software-tag': { type: 'string' },
        'software-version': { type: 'string' },
      },
    });
  } catch (error) {
    // A negative count looks like an option, and the advice for unknown options would mislead.
    const negative = argv.find((word) => /^-\d/.test(word));
    if (negative !== undefined && (argv.includes('request') || argv.includes('release'))) {
      readCount(negative, argv.includes('request') ? 0 : 1);
    }
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function expectCount(rest: string[], least: number, most: number, form: string): void {
  if (rest.length < least || rest.length > most) throw new UsageError(form);
}

function readCount(text: string | undefined, least: number): number {
  if (text === undefined || !/^\d{1,10}$/.test(text) || Number(text) < least) {
    throw new UsageError(`a count is a whole number, ${least} or more; found ${JSON.stringify(text)}`);
  }
  return Number(text);
}

/** Drops what was not given. */
function defined<Options extends object>(
  options: Options,
): { [Name in keyof Options]?: NonNullable<Options[Name]> } {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [Name in keyof Options]?: NonNullable<Options[Name]> };
}
