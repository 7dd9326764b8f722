import {
  type AuthorizationState,
  authorizationStates,
  type RegistrationState,
  registrationStates,
} from '@estover/domain/product-instances';

/**
 * The two tables of registered mode: state × event → next state and what is done. Each is complete by type: a state or
 * an event that is forgotten doesn't compile. `docs/agent.md` prints them, and a test keeps it true.
 */
export const registrationEvents = [
  'identified',
  'register-asked',
  'register-forced',
  'registration-answered',
  'registration-refused',
  'deregister-asked',
  'instance-removed',
  'certificate-ended',
  'use-changed',
  'contact-due',
  'renewal-due',
  'renewal-answered',
] as const;
export type RegistrationEvent = (typeof registrationEvents)[number];

export const authorizationEvents = [
  'use-started',
  'use-stopped',
  'answered-authorized',
  'answered-out-of-compliance',
  'answered-no-licenses-in-use',
  'deadline-passed',
  'registration-lost',
  'evaluation-used-up',
] as const;
export type AuthorizationEvent = (typeof authorizationEvents)[number];

/** What a transition does beside changing the state. `step.ts` has one function for each. */
export type RegistrationAction =
  | 'ask-registration'
  | 'ask-authorization'
  | 'ask-renewal'
  | 'ask-deregistration'
  | 'keep-identity'
  | 'keep-certificate'
  | 'drop-identity'
  | 'drop-enrolment'
  | 'note-failure'
  | 'note-removal';

/** Why a wish of the product or of a person is not taken in a state. */
export type TransitionRefusal = 'not-identified' | 'already-registered' | 'not-registered';

/** A cell of a table: the next state (absent: it stays), what is done, or a refusal that changes nothing. */
export type Cell<State, Action = never> =
  | { to?: State; do: readonly Action[] }
  | { refuse: TransitionRefusal };

type RegistrationCell = Cell<RegistrationState, RegistrationAction>;
type AuthorizationCell = Cell<AuthorizationState>;

const nothing = { do: [] } as const;
const enrol = { to: 'registering', do: ['ask-registration'] } as const;
const enrolled = { to: 'registered', do: ['keep-identity'] } as const;
const notIdentified = { refuse: 'not-identified' } as const;
const notRegistered = { refuse: 'not-registered' } as const;

/** A row for every state in which there is no registration and none is asked for. */
const withoutRegistration = {
  identified: nothing,
  'register-asked': enrol,
  'register-forced': enrol,
  // A forced registration may still be on its way when the earlier one ends.
  'registration-answered': enrolled,
  'registration-refused': { to: 'registration-failed', do: ['note-failure', 'drop-enrolment'] },
  'deregister-asked': notRegistered,
  'instance-removed': nothing,
  'certificate-ended': nothing,
  'use-changed': nothing,
  'contact-due': nothing,
  'renewal-due': nothing,
  'renewal-answered': nothing,
} as const satisfies Record<RegistrationEvent, RegistrationCell>;

export const registrationTable: Record<RegistrationState, Record<RegistrationEvent, RegistrationCell>> = {
  unidentified: {
    identified: { to: 'unregistered', do: [] },
    'register-asked': notIdentified,
    'register-forced': notIdentified,
    'registration-answered': nothing,
    'registration-refused': nothing,
    'deregister-asked': notIdentified,
    'instance-removed': nothing,
    'certificate-ended': nothing,
    'use-changed': nothing,
    'contact-due': nothing,
    'renewal-due': nothing,
    'renewal-answered': nothing,
  },
  unregistered: withoutRegistration,
  'registration-failed': withoutRegistration,
  'registration-expired': withoutRegistration,
  registering: {
    ...withoutRegistration,
    'deregister-asked': { to: 'unregistered', do: ['drop-enrolment'] },
  },
  registered: {
    identified: nothing,
    'register-asked': { refuse: 'already-registered' },
    // The registration is kept until another one has been answered.
    'register-forced': { do: ['ask-registration'] },
    'registration-answered': { do: ['keep-identity'] },
    'registration-refused': { do: ['note-failure', 'drop-enrolment', 'ask-authorization'] },
    'deregister-asked': { to: 'unregistered', do: ['ask-deregistration', 'drop-identity', 'drop-enrolment'] },
    'instance-removed': { to: 'unregistered', do: ['note-removal', 'drop-identity'] },
    'certificate-ended': { to: 'registration-expired', do: ['drop-identity'] },
    'use-changed': { do: ['ask-authorization'] },
    'contact-due': { do: ['ask-authorization'] },
    'renewal-due': { do: ['ask-renewal'] },
    'renewal-answered': { do: ['keep-certificate'] },
  },
};

const answers = {
  'answered-authorized': { to: 'authorized', do: [] },
  'answered-out-of-compliance': { to: 'out-of-compliance', do: [] },
  'answered-no-licenses-in-use': { to: 'no-licenses-in-use', do: [] },
} as const satisfies Partial<Record<AuthorizationEvent, AuthorizationCell>>;

/** A row for the states that a server answered: while registered, only the server says what use means. */
const answered = {
  ...answers,
  'use-started': nothing,
  'use-stopped': nothing,
  'deadline-passed': { to: 'authorization-expired', do: [] },
  'registration-lost': { to: 'evaluation', do: [] },
  'evaluation-used-up': nothing,
} as const satisfies Record<AuthorizationEvent, AuthorizationCell>;

export const authorizationTable: Record<AuthorizationState, Record<AuthorizationEvent, AuthorizationCell>> = {
  'no-licenses-in-use': {
    ...answers,
    'use-started': { to: 'evaluation', do: [] },
    'use-stopped': nothing,
    'deadline-passed': { to: 'authorization-expired', do: [] },
    'registration-lost': nothing,
    'evaluation-used-up': nothing,
  },
  evaluation: {
    ...answers,
    'use-started': nothing,
    'use-stopped': { to: 'no-licenses-in-use', do: [] },
    'deadline-passed': nothing,
    'registration-lost': nothing,
    'evaluation-used-up': { to: 'evaluation-expired', do: [] },
  },
  'evaluation-expired': {
    ...answers,
    'use-started': nothing,
    'use-stopped': { to: 'no-licenses-in-use', do: [] },
    'deadline-passed': nothing,
    'registration-lost': nothing,
    'evaluation-used-up': nothing,
  },
  authorized: answered,
  'out-of-compliance': answered,
  'authorization-expired': answered,
};

/** Both tables as Markdown, one row per event, for the documentation. */
export function printTables(): string {
  const registration = printTable(registrationStates, registrationEvents, (state, event) =>
    printCell(registrationTable[state][event]),
  );
  const authorization = printTable(authorizationStates, authorizationEvents, (state, event) =>
    printCell(authorizationTable[state][event]),
  );
  return `#### Registration\n\n${registration}\n\n#### Authorization\n\n${authorization}`;
}

function printTable<State extends string, Event extends string>(
  states: readonly State[],
  events: readonly Event[],
  cell: (state: State, event: Event) => string,
): string {
  const lines = [
    `| event | ${states.join(' | ')} |`,
    `|---|${states.map(() => '---|').join('')}`,
    ...events.map((event) => `| ${event} | ${states.map((state) => cell(state, event)).join(' | ')} |`),
  ];
  return lines.join('\n');
}

function printCell(cell: Cell<string, string>): string {
  if ('refuse' in cell) return `refused: ${cell.refuse}`;
  const to = cell.to === undefined ? '' : `**${cell.to}**`;
  return [to, cell.do.join(', ')].filter((part) => part !== '').join('; ') || '–';
}
