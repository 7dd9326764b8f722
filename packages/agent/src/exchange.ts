import { timers } from '@estover/domain/product-instances';
import {
  type AwaitedReply,
  type DeviceMessageKind,
  type DeviceProblem,
  deviceMessages,
  deviceProblemSchema,
  documentMediaType,
  parseInstanceKeyId,
  problemMediaType,
  type Trust,
  trustSchema,
  verifyAnswer,
  verifyRefusal,
} from '@estover/protocol/device';
import { importKeyPair, isIssuedBy, readCertificate } from '@estover/protocol/signing';
import type { Answer } from './replies.ts';
import type { AgentState, OutgoingMessage } from './state.ts';
import type { AgentInput } from './step.ts';
import type { Reply, Transport } from './transport.ts';

/**
 * Sends the message that is on its way, once, and turns what comes back into inputs of the machine. Never rejects: no
 * reply, or one that cannot be believed, is silence.
 */
export async function exchange(
  state: AgentState,
  message: OutgoingMessage,
  transport: Transport,
  now: () => Temporal.Instant,
): Promise<AgentInput[]> {
  const silence = (reason: string, retryAfterSeconds?: number): AgentInput[] => [
    { kind: 'unanswered', messageId: message.messageId, silence: { reason, retryAfterSeconds } },
  ];
  try {
    // A registration may be with another server than the last one, so its keys are always asked for.
    const known = message.kind === 'register' ? null : state.trust;
    const trust = known ?? (await fetchTrust(transport, trustToKeep(state)));
    const trusted: AgentInput[] = known === null ? [{ kind: 'trusted', trust }] : [];
    const reply = await transport.post(deviceMessages[message.kind].path, message.document);
    const at = now();
    const read = readReply(message, reply, trust, at);
    if (read === 'key-unknown' && known !== null) {
      const renewed = await fetchTrust(transport, state.trust);
      const again = readReply(message, reply, renewed, at);
      if (again === 'key-unknown') return silence('the answer is signed by an unknown key');
      return [{ kind: 'trusted', trust: renewed }, again];
    }
    if (read === 'key-unknown') return silence('the answer is signed by an unknown key');
    return [...trusted, read];
  } catch (error) {
    return silence(reasonOf(error));
  }
}

/** While registered, keys are taken only from the installation of the registration. */
function trustToKeep(state: AgentState): Trust | null {
  return state.registration === 'registered' && state.enrolment === null ? state.trust : null;
}

async function fetchTrust(transport: Transport, known: Trust | null): Promise<Trust> {
  const reply = await transport.getTrust();
  if (reply.status === 404) throw new ReplyNotUnderstood(wrongAddress);
  if (reply.status !== 200) throw new Error(`the server answered ${reply.status} when asked for its keys`);
  const trust = trustSchema.safeParse(JSON.parse(reply.body));
  if (!trust.success) throw new Error('the server’s keys could not be read; is this the right address?');
  if (known !== null && known.installationId !== trust.data.installationId) {
    throw new Error('another installation answers at this address');
  }
  return trust.data;
}

function readReply(
  message: OutgoingMessage,
  reply: Reply,
  trust: Trust,
  at: Temporal.Instant,
): AgentInput | 'key-unknown' {
  const expected = { messageId: message.messageId, instance: senderOf(message), trust, at };
  if (reply.status === 200 && reply.contentType === documentMediaType) {
    const verified = verifyByKind(message.kind, reply.body, expected);
    if (verified === 'key-unknown') return verified;
    checkCertificate(message, verified, trust, at);
    return { kind: 'answered', messageId: message.messageId, answer: verified };
  }
  if (reply.contentType === problemMediaType) {
    const problem = deviceProblemSchema.safeParse(JSON.parse(reply.body));
    if (problem.success) return readProblem(message, problem.data, reply, expected);
  }
  // A refusal of the protocol names its code; a bare 404 is of somebody who does not know the protocol.
  if (reply.status === 404) throw new ReplyNotUnderstood(wrongAddress);
  throw new ReplyNotUnderstood(`the server answered ${reply.status}`);
}

class ReplyNotUnderstood extends Error {}

const wrongAddress =
  'no license server is at this address (404): the address of the server may be wrong; set it with --server';

/** Whom an answer must be for: the sender that the message itself names; nobody yet when it registers. */
function senderOf({ document }: OutgoingMessage): AwaitedReply['instance'] {
  const header: { kid?: string } = JSON.parse(
    Buffer.from(document.split('.')[0] ?? '', 'base64url').toString(),
  );
  return header.kid === undefined ? undefined : parseInstanceKeyId(header.kid);
}

function verifyByKind(
  kind: DeviceMessageKind,
  document: string,
  expected: AwaitedReply,
): Answer | 'key-unknown' {
  const believe = <Value>(
    verified: { ok: true; answer: Value } | { ok: false; code: string; detail: string },
  ) => {
    if (verified.ok) return verified.answer;
    if (verified.code === 'key-unknown') return undefined;
    throw new ReplyNotUnderstood(`the answer is not to be believed (${verified.code}: ${verified.detail})`);
  };
  switch (kind) {
    case 'register': {
      const value = believe(verifyAnswer(kind, document, expected));
      return value === undefined ? 'key-unknown' : { to: kind, value };
    }
    case 'authorize': {
      const value = believe(verifyAnswer(kind, document, expected));
      return value === undefined ? 'key-unknown' : { to: kind, value };
    }
    case 'renew-certificate': {
      const value = believe(verifyAnswer(kind, document, expected));
      return value === undefined ? 'key-unknown' : { to: kind, value };
    }
    case 'deregister': {
      const value = believe(verifyAnswer(kind, document, expected));
      return value === undefined ? 'key-unknown' : { to: kind, value };
    }
  }
}

/** A certificate is taken only if it is for the key that was made and for this instance, from the trust, and valid now. */
function checkCertificate(
  message: OutgoingMessage,
  answer: Answer,
  trust: Trust,
  at: Temporal.Instant,
): void {
  if (answer.to !== 'register' && answer.to !== 'renew-certificate') return;
  const { accountId, instanceId, certificate } = answer.value;
  const der = Buffer.from(certificate, 'base64');
  const { holder, notBefore, notAfter, publicKey } = readCertificate(der);
  const isOurs =
    message.newPrivateKey !== null && publicKey.equals(importKeyPair(message.newPrivateKey).publicKey);
  if (!isOurs) throw new ReplyNotUnderstood('the certificate is for another key');
  if (holder?.accountId !== accountId || holder.instanceId !== instanceId) {
    throw new ReplyNotUnderstood('the certificate is for another instance');
  }
  const grace = { seconds: timers.clockToleranceSeconds };
  const isEarly = Temporal.Instant.compare(at, notBefore.subtract(grace)) < 0;
  if (isEarly || Temporal.Instant.compare(at, notAfter.add(grace)) > 0) {
    throw new ReplyNotUnderstood(
      `the certificate is valid from ${notBefore} to ${notAfter}, and the clock shows ${at.round('second')}`,
    );
  }
  if (!isIssuedBy(der, trust.certificateAuthorities)) {
    throw new ReplyNotUnderstood('the certificate was not issued by this installation');
  }
}

/** Only what the proof says counts as proven; the rest of a problem is as good as the line. */
function readProblem(
  message: OutgoingMessage,
  problem: DeviceProblem,
  reply: Reply,
  expected: AwaitedReply,
): AgentInput | 'key-unknown' {
  const refusal = {
    code: problem.code,
    detail: problem.detail === '' ? problem.title : problem.detail,
    serverTime: problem.serverTime,
    retryAfterSeconds: reply.retryAfterSeconds,
  };
  if (problem.proof === undefined) {
    return { kind: 'refused', messageId: message.messageId, refusal: { ...refusal, proven: false } };
  }
  const verified = verifyRefusal(problem.proof, expected);
  if (!verified.ok) {
    if (verified.code === 'key-unknown') return 'key-unknown';
    throw new ReplyNotUnderstood(`the refusal is not to be believed (${verified.code}: ${verified.detail})`);
  }
  // The proof decides, whatever the problem around it says.
  const { code, detail, lastSequence, serverTime, epoch } = verified.proof;
  return {
    kind: 'refused',
    messageId: message.messageId,
    refusal: { ...refusal, code, detail, lastSequence, serverTime, epoch, proven: true },
  };
}

/** The reason as a person understands it; the codes of the system tell more than its sentences. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'the server did not answer in time';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const known: Record<string, string> = {
    ECONNREFUSED: 'the server refuses connections (ECONNREFUSED)',
    ENOTFOUND: 'the name of the server is not known (ENOTFOUND)',
    ECONNRESET: 'the connection was cut (ECONNRESET)',
    UND_ERR_CONNECT_TIMEOUT: 'the server cannot be reached in time',
  };
  if (error instanceof SyntaxError) return 'the reply is not JSON; is this the right address?';
  return (
    (code === undefined ? undefined : known[code]) ??
    `${error.message || error.name}${code ? ` (${code})` : ''}`
  );
}
