import type { AuthorizationState, LicenseState, RegistrationState } from '@estover/domain/product-instances';
import type { InstanceIdentity } from '@estover/protocol/device';
import { evaluationLeftSeconds } from './clockwork.ts';
import { type AgentSettings, type AgentState, type Attempt, licenseStateOf } from './state.ts';

/** How the agent stands, without any secret. Instants are RFC 3339 texts. */
export interface AgentStatus {
  identity: InstanceIdentity | null;
  settings: AgentSettings;
  registration: {
    state: RegistrationState;
    failure: { code: string; detail: string; at: string } | null;
    accountName: string | null;
    virtualAccountName: string | null;
    accountId: string | null;
    instanceId: string | null;
    exportControlledAllowed: boolean;
    registeredAt: string | null;
    lastRenewal: Attempt | null;
    nextRenewalAt: string | null;
    expiresAt: string | null;
  };
  authorization: {
    state: AuthorizationState;
    since: string | null;
    lastContact: Attempt | null;
    nextContactAt: string | null;
    deadlineAt: string | null;
    /** True while something is not told to the server yet. */
    reporting: boolean;
  };
  evaluation: { leftSeconds: number; counting: boolean };
  licenses: { tag: string; name: string; count: number; state: LicenseState }[];
  /** Tags in use, and those the server has answered for before. */
  knownTags: string[];
  communication: { failures: number; reason: string | null; nextAttemptAt: string | null };
}

export function statusOf(state: AgentState): AgentStatus {
  const { account, credentials, contact, renewal, trouble } = state;
  return {
    identity: state.identity,
    settings: {
      ...state.settings,
      serverUrl: withoutCredentials(state.settings.serverUrl),
      proxyUrl: withoutCredentials(state.settings.proxyUrl),
    },
    registration: {
      state: state.registration,
      failure: state.failure,
      accountName: account?.accountName ?? null,
      virtualAccountName: account?.virtualAccountName ?? null,
      accountId: credentials?.accountId ?? null,
      instanceId: credentials?.instanceId ?? null,
      exportControlledAllowed: account?.exportControlledAllowed ?? false,
      registeredAt: account?.registeredAt ?? null,
      lastRenewal: renewal.last,
      nextRenewalAt: renewal.nextAt,
      expiresAt: credentials?.expiresAt ?? null,
    },
    authorization: {
      state: state.authorization,
      since: state.authorizationSince,
      lastContact: contact.last,
      nextContactAt: contact.nextAt,
      deadlineAt: contact.deadlineAt,
      reporting: state.reportDue || state.outgoing !== null,
    },
    evaluation: { leftSeconds: evaluationLeftSeconds(state), counting: state.evaluation.countedTo !== null },
    licenses: state.use.map((use) => ({
      tag: use.tag,
      name: use.name ?? shortName(use.tag),
      count: use.count,
      state: licenseStateOf(state, use),
    })),
    knownTags: [...new Set([...state.use.map(({ tag }) => tag), ...state.knownTags])],
    communication: {
      failures: trouble.failures,
      reason: trouble.reason,
      nextAttemptAt: state.outgoing?.nextAttemptAt ?? trouble.notBefore,
    },
  };
}

/** The NAME in `regid.YYYY-MM.<reversed domain>.<NAME>,<version>_<uuid>`; the whole tag when it has another form. */
export function shortName(tag: string): string {
  return /^regid\.[^,]*\.([^.,]+),/.exec(tag)?.[1] ?? tag;
}

/** An address may carry a name and a password, such as a proxy's: they are not for the screen. */
function withoutCredentials(address: string | null): string | null {
  if (address === null) return null;
  const url = new URL(address);
  if (url.username === '' && url.password === '') return address;
  url.username = '';
  url.password = '';
  return url.href;
}
