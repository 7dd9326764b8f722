import { timers } from '@estover/domain/product-instances';
import {
  type Authorization,
  type DeviceMessageKind,
  type DeviceRefusalCode,
  mostTags,
  type RegisterAnswer,
  type RenewCertificateAnswer,
} from '@estover/protocol/device';
import { readCertificate } from '@estover/protocol/signing';
import { announce, type Draft, fireAuthorization, fireRegistration, inSeconds, now } from './draft.ts';
import type { RegistrationAction, RegistrationEvent, TransitionRefusal } from './machine.ts';
import { contactDelaySeconds } from './retry.ts';
import type { AgentState, Credentials, OutgoingMessage } from './state.ts';

/** What a registration event brings along, for the actions that need it. */
export interface EventData {
  enrolment?: { token: string; force: boolean };
  registered?: { answer: RegisterAnswer; message: OutgoingMessage };
  renewed?: { answer: RenewCertificateAnswer; message: OutgoingMessage };
  failure?: { code: DeviceRefusalCode; detail: string };
}

/** Fires an event into the registration table with the actions bound to its data. */
export function fire(
  draft: Draft,
  event: RegistrationEvent,
  data: EventData = {},
): TransitionRefusal | undefined {
  const { state } = draft;
  const actions: Record<RegistrationAction, () => void> = {
    'ask-registration': () => {
      if (data.enrolment !== undefined) askRegistration(draft, data.enrolment);
    },
    'ask-authorization': () => {
      state.reportDue = true;
    },
    'ask-renewal': () => {
      state.renewalDue = true;
    },
    'ask-deregistration': () => {
      // The farewell is signed with these; they are forgotten when it has arrived.
      state.leaving = state.credentials;
      state.outgoing = null;
      startAfresh(draft);
    },
    'keep-identity': () => {
      if (data.registered !== undefined) keepIdentity(draft, data.registered.answer, data.registered.message);
    },
    'keep-certificate': () => {
      if (data.renewed !== undefined) keepCertificate(draft, data.renewed.answer, data.renewed.message);
    },
    'drop-identity': () => dropIdentity(draft),
    'drop-enrolment': () => {
      state.enrolment = null;
      if (state.outgoing?.kind === 'register') state.outgoing = null;
    },
    'note-failure': () => {
      if (data.failure === undefined) return;
      const { code, detail } = data.failure;
      state.failure = { code, detail, at: now(draft) };
      announce(draft, 'registration-refused', `Registration was refused (${code}): ${detail}`);
    },
    'note-removal': () => {
      if (data.failure === undefined) return;
      const why = data.failure.detail.replace(/\.$/, '');
      const detail =
        data.failure.code === 'instance-removed'
          ? `The server has removed this product instance (${why}).`
          : `The server was restored from a backup that does not know this registration (${why}); use force, because it may know an earlier one.`;
      state.failure = { code: 'instance-removed', detail, at: now(draft) };
      announce(draft, 'instance-removed', `${detail} Register it again with a token.`);
    },
  };
  return fireRegistration(draft, event, actions);
}

/** A person asks for contact: no back-off stands in the way of the next attempt. */
export function startAfresh(draft: Draft): void {
  const { state } = draft;
  state.trouble.notBefore = null;
  if (state.outgoing !== null) state.outgoing.nextAttemptAt = now(draft);
}

/** The message on its way is done with; success ends the back-off. */
export function finishMessage(draft: Draft): void {
  const { state } = draft;
  state.outgoing = null;
  if (state.trouble.failures > 0) {
    announce(draft, 'communication-restored', 'Communication with the server is restored');
  }
  state.trouble = { failures: 0, reason: null, at: null, notBefore: null };
}

/** Takes over what the server says of the licenses in use. */
export function keepAuthorization(
  draft: Draft,
  authorization: Authorization,
  message: OutgoingMessage,
): void {
  const { state } = draft;
  const told = new Map(message.usage?.map(({ tag, count }) => [tag, count]));
  const answers = new Map(authorization.licenses.map((license) => [license.tag, license]));
  for (const use of state.use) {
    const answer = answers.get(use.tag);
    // A count that changed since it was told waits for the next answer.
    const isOfThisCount = told.get(use.tag) === use.count;
    const before = use.answered;
    use.answered = isOfThisCount && answer !== undefined ? answer.state : null;
    use.name = answer?.name ?? use.name;
    if (answer !== undefined && answer.state !== 'invalid-tag') rememberTag(state, use.tag);
    if (use.answered !== null && use.answered !== before) {
      announce(draft, 'license-changed', `${use.tag} (${use.count}): ${use.answered}`);
    }
  }
  const changed =
    state.use.length !== told.size || state.use.some(({ tag, count }) => told.get(tag) !== count);
  if (changed) state.reportDue = true;

  const seconds = Math.min(authorization.nextContactSeconds, timers.contactSeconds);
  state.contact = {
    last: { at: now(draft), succeeded: true, reason: null },
    nextAt: inSeconds(draft, contactDelaySeconds(seconds, draft.random())),
    deadlineAt: authorization.deadlineAt,
  };
  fireAuthorization(draft, `answered-${authorization.state}`);
}

function rememberTag(state: AgentState, tag: string): void {
  if (state.knownTags.includes(tag)) return;
  state.knownTags = [...state.knownTags, tag].slice(-mostTags);
}

function askRegistration(draft: Draft, asked: { token: string; force: boolean }): void {
  const { state } = draft;
  // A farewell that has not arrived yet is overtaken: the new registration replaces the old one.
  const force = asked.force || state.leaving !== null;
  const isRepeat = state.enrolment?.token === asked.token && state.enrolment.force === force;
  if (!isRepeat || state.outgoing?.kind !== 'register') state.outgoing = null;
  state.leaving = null;
  state.enrolment = { token: asked.token, force };
  state.failure = null;
  startAfresh(draft);
}

function keepIdentity(draft: Draft, answer: RegisterAnswer, message: OutgoingMessage): void {
  const { state } = draft;
  state.account = {
    accountName: answer.accountName,
    virtualAccountName: answer.virtualAccountName,
    exportControlledAllowed: answer.exportControlledAllowed,
    registeredAt: now(draft),
  };
  state.credentials = credentialsFrom(answer, message);
  state.renewal = { last: null, nextAt: answer.renewAfter };
  state.enrolment = null;
  state.failure = null;
  state.reportDue = false;
  state.renewalDue = false;
  keepAuthorization(draft, answer.authorization, message);
}

function keepCertificate(draft: Draft, answer: RenewCertificateAnswer, message: OutgoingMessage): void {
  draft.state.credentials = credentialsFrom(answer, message);
  draft.state.renewal = {
    last: { at: now(draft), succeeded: true, reason: null },
    nextAt: answer.renewAfter,
  };
  announce(draft, 'certificate-renewed', `The certificate is renewed until ${answer.certificateExpiresAt}`);
}

function credentialsFrom(
  answer: RegisterAnswer | RenewCertificateAnswer,
  message: OutgoingMessage,
): Credentials {
  if (message.newPrivateKey === null) throw new Error('a message that asks for a certificate keeps its key');
  return {
    accountId: answer.accountId,
    instanceId: answer.instanceId,
    privateKey: message.newPrivateKey,
    certificate: answer.certificate,
    chain: answer.chain,
    certificateSerial: readCertificate(Buffer.from(answer.certificate, 'base64')).serial,
    expiresAt: answer.certificateExpiresAt,
  };
}

function dropIdentity(draft: Draft): void {
  const { state } = draft;
  const needsIdentity: readonly DeviceMessageKind[] = ['authorize', 'renew-certificate'];
  if (state.outgoing !== null && needsIdentity.includes(state.outgoing.kind)) state.outgoing = null;
  state.credentials = null;
  state.account = null;
  state.contact = { last: state.contact.last, nextAt: null, deadlineAt: null };
  state.renewal = { last: null, nextAt: null };
  state.reportDue = false;
  state.renewalDue = false;
  for (const use of state.use) use.answered = null;
  fireAuthorization(draft, 'registration-lost');
}
