import {
  answerSchemas,
  type DeviceAnswer,
  type DeviceMessageKind,
  deviceMessages,
  deviceProblem,
  documentMediaType,
  problemMediaType,
  refusalRule,
  signedTogetherMediaType,
  signRefusal,
  type Trust,
  trustPath,
} from '@estover/protocol/device';
import { certificateToPem, largestRequest } from '@estover/protocol/signing';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { givenUpMessage, isDatabaseAway, isGivenUp } from '../database/transaction.ts';
import type { Installation } from '../installation/index.ts';
import {
  createAuthorizationBatches,
  createInstanceKeys,
  createRegistrationBatches,
  type DeviceDependencies,
  type DeviceRefusal,
} from '../product-instances/index.ts';
import { createGate } from './gate.ts';
import { createGuessLimit } from './guess-limit.ts';
import {
  type ReceiveDependencies,
  type Received,
  type Reception,
  receiveAuthorization,
  receiveDeregistration,
  receiveRegistration,
  receiveRenewal,
  type Sender,
} from './receive-message.ts';
import { type AnswerSigner, createAnswerSigner } from './sign-answers.ts';
import { createSignatureChecks } from './signature-checks.ts';

export interface DeviceEdgeDependencies extends DeviceDependencies {
  installation: Installation;
  /** Checks every answer against its declared shape; on in tests. */
  checkAnswers: boolean;
}

/** Messages with a transaction of their own: few at once, so that they leave connections free. */
const gateSizes = { atOnce: 8, mostWaiting: 1_000 };

type Receivers = {
  [Kind in DeviceMessageKind]: (
    dependencies: ReceiveDependencies,
    received: Received,
  ) => Promise<Reception<Kind>>;
};

const receivers: Receivers = {
  register: receiveRegistration,
  authorize: receiveAuthorization,
  'renew-certificate': receiveRenewal,
  deregister: receiveDeregistration,
};

/** The HTTP edge for product instances, /device/v1 (docs/protocol.md). A plugin of its own beside the operations. */
export async function deviceEdge(
  device: FastifyInstance,
  dependencies: DeviceEdgeDependencies,
): Promise<void> {
  const batches = createAuthorizationBatches(dependencies);
  const guesses = createGuessLimit();
  const registrations = createRegistrationBatches({ ...dependencies, guesses });
  const receiving: ReceiveDependencies = {
    ...dependencies,
    keys: createInstanceKeys(dependencies.db),
    signatures: createSignatureChecks(undefined, (reason) =>
      device.log.warn({ err: reason }, 'a thread that checks signatures failed; they are checked without it'),
    ),
    batches,
    gate: createGate(gateSizes),
    guesses,
    registrations,
  };
  device.removeAllContentTypeParsers();
  device.addContentTypeParser(
    documentMediaType,
    { parseAs: 'string', bodyLimit: largestRequest },
    (_request, body, done) => done(null, body),
  );
  device.setErrorHandler((error, request, reply) => sendFailure(error, request, reply));
  device.addHook('onClose', async () => {
    await batches.drained();
    await registrations.drained();
    await receiving.signatures.close();
  });

  device.get(trustPath, async (): Promise<Trust> => trustOf(dependencies.installation, dependencies.now()));
  const signer = createAnswerSigner(dependencies.installation, dependencies.now);
  addRoute(device, 'register', receiving, signer, dependencies);
  addRoute(device, 'authorize', receiving, signer, dependencies);
  addRoute(device, 'renew-certificate', receiving, signer, dependencies);
  addRoute(device, 'deregister', receiving, signer, dependencies);
}

function addRoute<Kind extends DeviceMessageKind>(
  device: FastifyInstance,
  kind: Kind,
  receiving: ReceiveDependencies,
  signer: AnswerSigner,
  { installation, now, checkAnswers }: DeviceEdgeDependencies,
): void {
  device.post(deviceMessages[kind].path, async (request, reply) => {
    const document = typeof request.body === 'string' ? request.body : '';
    const received = { document, from: request.ip, requestId: request.id };
    const { outcome, sender } = await receivers[kind](receiving, received);
    if (!outcome.ok) return sendRefusal(reply, installation, now(), outcome, sender);
    const told = { ...outcome.answer, epoch: installation.epoch };
    const answer: DeviceAnswer<Kind> = checkAnswers ? answerSchemas[kind].parse(told) : told;
    const signed = await signer.sign(kind, answer, takesSignedTogether(request.headers.accept));
    return reply.type(documentMediaType).send(signed);
  });
}

/** Media types are compared without regard to case, and blanks around their parts do not count (RFC 9110 §8.3.1). */
const takesSignedTogether = (accept: string | undefined): boolean =>
  accept === signedTogetherMediaType ||
  accept?.toLowerCase().replaceAll(/[\s"]/g, '').includes(signedTogetherMediaType.toLowerCase()) === true;

/** A refusal as a problem; signed for whoever was found to be the sender, so that they may act on it. */
async function sendRefusal(
  reply: FastifyReply,
  installation: Installation,
  now: Temporal.Instant,
  refusal: DeviceRefusal,
  sender: Sender | undefined,
): Promise<FastifyReply> {
  const { code, detail, facts, retryAfterSeconds } = refusal;
  const { proven, provenAfterRestore, status } = refusalRule(code);
  const isForgotten =
    provenAfterRestore === true && (sender?.epoch ?? installation.epoch) < installation.epoch;
  const { errors, ...numbers } = facts;
  const proof =
    (proven || isForgotten) && sender !== undefined
      ? signRefusal(
          {
            ...numbers,
            messageId: sender.messageId,
            accountId: sender.key.accountId,
            instanceId: sender.key.instanceId,
            code,
            answeredAt: now.toString(),
            detail,
            epoch: installation.epoch,
            // Anybody may ask with a serial number that is made up: the proof says of which one it is true.
            ...(code === 'certificate-unknown' ? { certificateSerial: sender.key.certificateSerial } : {}),
          },
          await installation.signingKeys.current(now),
        )
      : undefined;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  const requestId = reply.request.id;
  return reply
    .code(status)
    .type(problemMediaType)
    .send(deviceProblem(code, detail, { ...facts, requestId, ...(proof === undefined ? {} : { proof }) }));
}

/** What went wrong before a message was read, or on the server's side. Instances take the latter for no answer. */
function sendFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.type(problemMediaType);
  const requestId = request.id;
  if (isDatabaseAway(error) || isGivenUp(error)) {
    const what = isGivenUp(error) ? givenUpMessage : 'a message has to come again: the database is away';
    request.log.warn({ err: error, requestId }, what);
    const problem = deviceProblem('too-busy', 'The database does not answer right now.', { requestId });
    return reply.code(problem.status).header('retry-after', 5).send(problem);
  }
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const detail = `The body must be one document of type ${documentMediaType} with at most ${largestRequest} bytes.`;
    const problem = deviceProblem('document-malformed', detail, { requestId });
    return reply.code(problem.status).send(problem);
  }
  request.log.error({ err: error, requestId: request.id }, 'a message of a product instance failed');
  const detail = 'The server could not do this. Nothing was changed.';
  return reply.code(500).send(deviceProblem('internal-error', detail, { requestId }));
}

async function trustOf(installation: Installation, now: Temporal.Instant): Promise<Trust> {
  const { certificateAuthority, installationId, epoch, signingKeys } = installation;
  return {
    installationId,
    certificateAuthorities: [certificateToPem(certificateAuthority.certificate)],
    signingKeys: { keys: await signingKeys.trusted(now) },
    serverTime: now.toString(),
    epoch,
  };
}
