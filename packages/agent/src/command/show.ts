import { type AgentStatus, shortName } from '../status.ts';
import {
  authorizationWords,
  column,
  formatAttempt,
  formatDuration,
  formatInstant,
  licenseWords,
  onOff,
  registrationWords,
  title,
} from './layout.ts';

/** The commands `show license …`, in the field's layout. Each gives the lines to print. */
export const views = { summary, usage, status, all, udi } as const;
export type ViewName = keyof typeof views;
export const viewNames = Object.keys(views) as ViewName[];

export const agentVersion = '0.1.0';

/** What `--json` prints for each view. */
export const jsonViews: Record<ViewName, (status: AgentStatus) => unknown> = {
  summary: ({ registration, authorization, licenses }) => ({ registration, authorization, licenses }),
  usage: ({ authorization, licenses }) => ({ authorization, licenses }),
  status: ({ licenses: _, knownTags: __, ...rest }) => rest,
  all: (whole) => whole,
  udi: ({ identity }) => ({ identity }),
};

const enabled = ['Smart Licensing is ENABLED', ''];

function summary(agent: AgentStatus): string[] {
  const { registration, authorization } = agent;
  const isRegistered = registration.state === 'registered';
  const renewal = [
    `  Last Renewal Attempt: ${formatAttempt(registration.lastRenewal)[0]}`,
    `  Next Renewal Attempt: ${formatInstant(registration.nextRenewalAt)}`,
  ];
  const contact = [
    `  Last Communication Attempt: ${authorization.lastContact?.succeeded === false ? 'FAILED' : 'SUCCEEDED'}`,
    `  Next Communication Attempt: ${formatInstant(authorization.nextContactAt)}`,
  ];
  return [
    ...enabled,
    'Registration:',
    `  Status: ${registrationWords[registration.state]}`,
    ...accountLines(agent),
    ...(isRegistered ? renewal : []),
    '',
    'License Authorization:',
    `  Status: ${authorizationWords[authorization.state]}`,
    ...evaluationLines(agent),
    ...(isRegistered ? contact : []),
    '',
    'License Usage:',
    ...usageTable(agent),
  ];
}

function usageTable({ licenses }: AgentStatus): string[] {
  if (licenses.length === 0) return ['  No licenses in use'];
  return [
    `  ${column('License', 24)}${column('Entitlement Tag', 30)}Count Status`,
    `  ${'-'.repeat(77)}`,
    ...licenses.map(
      ({ name, tag, count, state }) =>
        `  ${column(name, 24)}${column(`(${shortName(tag)})`, 30)}${String(count).padStart(5)} ${licenseWords[state]}`,
    ),
  ];
}

function usage(agent: AgentStatus): string[] {
  return [...authorizationLines(agent), '', ...licenseBlocks(agent)];
}

function licenseBlocks({ licenses }: AgentStatus): string[] {
  if (licenses.length === 0) return ['No licenses in use', ''];
  return licenses.flatMap(({ name, tag, count, state }) => [
    `${name} (${shortName(tag)}):`,
    `  Description: ${name}`,
    `  Count: ${count}`,
    `  Version: ${/,([^_,]+)_[^,]*$/.exec(tag)?.[1] ?? '<none>'}`,
    `  Status: ${licenseWords[state]}`,
    '  Export status: <none>',
    '',
  ]);
}

function status(agent: AgentStatus): string[] {
  return [
    ...enabled,
    ...utilityLines(),
    ...privacyLines(agent),
    ...transportLines(agent),
    ...registrationLines(agent),
    '',
    ...authorizationLines(agent),
    '',
    ...exportKeyLines(),
    'Miscellaneous:',
    '  Custom Id: <empty>',
  ];
}

function all(agent: AgentStatus): string[] {
  return [
    ...title('Smart Licensing Status'),
    ...enabled,
    ...registrationLines(agent),
    '',
    ...authorizationLines(agent),
    '',
    ...exportKeyLines(),
    ...utilityLines(),
    ...privacyLines(agent),
    ...transportLines(agent),
    ...title('License Usage'),
    ...licenseBlocks(agent),
    ...title('Product Information'),
    ...udi(agent),
    '',
    ...title('Agent Version'),
    `Agent for Licensing: ${agentVersion}`,
    '',
    ...title('Reservation Info'),
    'License reservation: DISABLED',
  ];
}

function udi({ identity }: AgentStatus): string[] {
  if (identity === null) return ['UDI: <none>'];
  return [`UDI: PID:${identity.productId},SN:${identity.serialNumber}`];
}

function utilityLines(): string[] {
  return ['Utility:', '  Status: DISABLED', ''];
}

function privacyLines({ settings }: AgentStatus): string[] {
  return [
    'Data Privacy:',
    `  Sending Hostname: ${settings.sendHostName ? 'yes' : 'no'}`,
    `    Smart Licensing hostname privacy: ${onOff(!settings.sendHostName)}`,
    `  Version privacy: ${onOff(!settings.sendVersion)}`,
    '',
  ];
}

function transportLines({ settings }: AgentStatus): string[] {
  return [
    'Transport:',
    '  Type: Direct',
    `  URL: ${settings.serverUrl ?? '<none>'}`,
    `  Proxy: ${settings.proxyUrl ?? '<none>'}`,
    '',
  ];
}

function registrationLines(agent: AgentStatus): string[] {
  const { registration, communication } = agent;
  const lines = [
    'Registration:',
    `  Status: ${registrationWords[registration.state]}`,
    ...accountLines(agent),
  ];
  if (registration.failure !== null) {
    const { code, at } = registration.failure;
    lines.push(
      code === 'instance-removed'
        ? `  Registration Removed: ${formatInstant(at)}`
        : `  Initial Registration: FAILED on ${formatInstant(at)}`,
      `    Failure reason: ${registration.failure.detail}`,
    );
  } else if (registration.state === 'registering' && communication.reason !== null) {
    lines.push(
      `    Failure reason: ${communication.reason}`,
      `  Next Registration Attempt: ${formatInstant(communication.nextAttemptAt)}`,
    );
  }
  if (registration.state !== 'registered') return lines;
  const [renewal, ...renewalReason] = formatAttempt(registration.lastRenewal);
  return [
    ...lines,
    `  Initial Registration: SUCCEEDED on ${formatInstant(registration.registeredAt)}`,
    `  Last Renewal Attempt: ${renewal}`,
    ...renewalReason.map((reason) => `    ${reason}`),
    `  Next Renewal Attempt: ${formatInstant(registration.nextRenewalAt)}`,
    `  Registration Expires: ${formatInstant(registration.expiresAt)}`,
  ];
}

function accountLines({ registration }: AgentStatus): string[] {
  const isAllowed = registration.exportControlledAllowed ? 'ALLOWED' : 'NOT ALLOWED';
  const account =
    registration.state === 'registered'
      ? [`  Account: ${registration.accountName}`, `  Virtual Account: ${registration.virtualAccountName}`]
      : [];
  return [...account, `  Export-Controlled Functionality: ${isAllowed}`];
}

function authorizationLines(agent: AgentStatus): string[] {
  const { authorization, registration } = agent;
  const since = authorization.since === null ? '' : ` on ${formatInstant(authorization.since)}`;
  const word = authorizationWords[authorization.state];
  const lines = [
    'License Authorization:',
    `  Status: ${word}${authorization.state === 'no-licenses-in-use' ? '' : since}`,
    ...evaluationLines(agent),
  ];
  if (registration.state !== 'registered') return lines;
  const [attempt, ...reason] = formatAttempt(authorization.lastContact);
  return [
    ...lines,
    `  Last Communication Attempt: ${attempt}`,
    ...reason.map((line) => `    ${line}`),
    `  Next Communication Attempt: ${formatInstant(authorization.nextContactAt)}`,
    `  Communication Deadline: ${formatInstant(authorization.deadlineAt)}`,
  ];
}

function evaluationLines({ registration, evaluation }: AgentStatus): string[] {
  if (registration.state === 'registered') return [];
  return [`  Evaluation Period Remaining: ${formatDuration(evaluation.leftSeconds)}`];
}

function exportKeyLines(): string[] {
  return ['Export Authorization Key:', '  Features Authorized:', '    <none>', ''];
}
