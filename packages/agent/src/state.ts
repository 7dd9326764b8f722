import {
  answeredLicenseStates,
  authorizationStates,
  type LicenseState,
  registrationStates,
} from '@estover/domain/product-instances';
import {
  deviceMessageKinds,
  deviceRefusalCodes,
  instanceIdentitySchema,
  trustSchema,
} from '@estover/protocol/device';
import { z } from 'zod';

/** Instants in the state are RFC 3339 texts, so that a person can read the file. */
const instant = z.iso.datetime();

/** How the agent reaches its server, and what it keeps to itself. Given once, kept with the state. */
export const settingsSchema = z.strictObject({
  /** Base address, without the path of the protocol. */
  serverUrl: z.url({ protocol: /^https?$/ }).nullable(),
  /** PEM file of certificate authorities for TLS; null for those of the system. */
  caFile: z.string().nullable(),
  proxyUrl: z.url({ protocol: /^https?$/ }).nullable(),
  /** Privacy: send the host name, send the software version. */
  sendHostName: z.boolean(),
  sendVersion: z.boolean(),
});
export type AgentSettings = z.output<typeof settingsSchema>;

const credentialsSchema = z.strictObject({
  accountId: z.string(),
  instanceId: z.string(),
  /** PKCS#8 PEM; never leaves this file. */
  privateKey: z.string(),
  /** DER in base64, as are the issuers in `chain`. */
  certificate: z.string(),
  chain: z.array(z.string()),
  certificateSerial: z.string(),
  /** By the server's clock. */
  expiresAt: instant,
});
/** What the agent proves itself with. */
export type Credentials = z.output<typeof credentialsSchema>;

const attemptSchema = z.strictObject({ at: instant, succeeded: z.boolean(), reason: z.string().nullable() });
export type Attempt = z.output<typeof attemptSchema>;

const outgoingSchema = z.strictObject({
  kind: z.enum(deviceMessageKinds),
  messageId: z.string(),
  sequence: z.int().min(1),
  /** The signed message. It is sent as it is until it is answered. */
  document: z.string(),
  nextAttemptAt: instant,
  /** The key a certificate is asked for, PKCS#8 PEM. */
  newPrivateKey: z.string().nullable(),
  /** The counts that are told in this message. */
  usage: z.array(z.strictObject({ tag: z.string(), count: z.int() })).nullable(),
  /** True when this message names the epoch, which a server of the first release does not understand. */
  namesEpoch: z.boolean().optional(),
});
export type OutgoingMessage = z.output<typeof outgoingSchema>;

const useSchema = z.strictObject({
  tag: z.string(),
  count: z.int().min(1),
  /** What the server last said of this count; null while it was not asked yet. */
  answered: z.enum(answeredLicenseStates).nullable(),
  name: z.string().nullable(),
});
export type LicenseUse = z.output<typeof useSchema>;

/** Everything the agent knows. One file, written as a whole before anything is sent or announced. */
export const agentStateSchema = z.strictObject({
  format: z.literal(1),
  settings: settingsSchema,
  identity: instanceIdentitySchema.nullable(),

  registration: z.enum(registrationStates),
  /** Why registering was refused, or that the server removed the instance (`instance-removed`); null once asked anew. */
  failure: z.strictObject({ code: z.enum(deviceRefusalCodes), detail: z.string(), at: instant }).nullable(),
  account: z
    .strictObject({
      accountName: z.string(),
      virtualAccountName: z.string(),
      exportControlledAllowed: z.boolean(),
      registeredAt: instant,
    })
    .nullable(),
  credentials: credentialsSchema.nullable(),
  trust: trustSchema.nullable(),

  authorization: z.enum(authorizationStates),
  authorizationSince: instant.nullable(),
  use: z.array(useSchema),
  /** Tags the server answered for as licenses it knows, newest last; a short name is looked up here after a release. */
  knownTags: z.array(z.string()).default([]),
  /** Evaluation, counted only while licenses are in use without a registration. `countedTo` is null while it stands still. */
  evaluation: z.strictObject({
    usedSeconds: z.number().min(0),
    countedTo: instant.nullable(),
    lastWarningSeconds: z.int().nullable(),
    lastEndNoticeAt: instant.nullable(),
  }),

  /** Next contact by the instance's clock, deadline by the server's. */
  contact: z.strictObject({
    last: attemptSchema.nullable(),
    nextAt: instant.nullable(),
    deadlineAt: instant.nullable(),
  }),
  renewal: z.strictObject({ last: attemptSchema.nullable(), nextAt: instant.nullable() }),

  /** The installation's epoch as it was last told, signed; null for servers that tell none. */
  epoch: z.int().min(1).nullable().default(null),
  /** True after a message was refused that named the epoch: the server may be older. Messages go without it meanwhile. */
  epochWithheld: z.boolean().default(false),
  /** The highest sequence number used or heard of. */
  lastSequence: z.int().min(0),
  outgoing: outgoingSchema.nullable(),
  /** What is to be told as soon as the message on its way is answered. */
  enrolment: z.strictObject({ token: z.string(), force: z.boolean() }).nullable(),
  leaving: credentialsSchema.nullable(),
  reportDue: z.boolean(),
  renewalDue: z.boolean(),
  /** Consecutive failures, for the back-off; no new message is made before `notBefore`. */
  trouble: z.strictObject({
    failures: z.int().min(0),
    reason: z.string().nullable(),
    at: instant.nullable(),
    notBefore: instant.nullable(),
  }),
});
export type AgentState = z.output<typeof agentStateSchema>;

export const initialSettings: AgentSettings = {
  serverUrl: null,
  caFile: null,
  proxyUrl: null,
  sendHostName: true,
  sendVersion: true,
};

/** The state of an agent that was never started. */
export const initialState: AgentState = {
  format: 1,
  settings: initialSettings,
  identity: null,
  registration: 'unidentified',
  failure: null,
  account: null,
  credentials: null,
  trust: null,
  authorization: 'no-licenses-in-use',
  authorizationSince: null,
  use: [],
  knownTags: [],
  evaluation: { usedSeconds: 0, countedTo: null, lastWarningSeconds: null, lastEndNoticeAt: null },
  contact: { last: null, nextAt: null, deadlineAt: null },
  renewal: { last: null, nextAt: null },
  epoch: null,
  epochWithheld: false,
  lastSequence: 0,
  outgoing: null,
  enrolment: null,
  leaving: null,
  reportDue: false,
  renewalDue: false,
  trouble: { failures: 0, reason: null, at: null, notBefore: null },
};

/** What may be said of one license, from the whole state. */
export function licenseStateOf(state: AgentState, use: LicenseUse): LicenseState {
  if (state.registration !== 'registered') {
    return state.authorization === 'evaluation-expired' ? 'evaluation-expired' : 'evaluation';
  }
  if (state.authorization === 'authorization-expired') return 'authorization-expired';
  return use.answered ?? 'waiting';
}

/** The counts as they go into a message. */
export function usageOf(state: AgentState): { tag: string; count: number }[] {
  return state.use.map(({ tag, count }) => ({ tag, count }));
}
