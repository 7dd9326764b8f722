import { randomUUID } from 'node:crypto';
import {
  authorizationDeadline,
  authorizationStateOf,
  certificateTerm,
  clockDifference,
  decideRegistration,
  decideSequence,
  nextContactSeconds,
  type SequencePolicy,
} from '@estover/domain/product-instances';
import {
  type Authorization,
  checkRegistration,
  checkRequest,
  claimOf,
  type DeviceAnswers,
  type DeviceMessageKind,
  type DeviceRefusalCode,
  type DeviceRefusalFacts,
  deviceMessageKinds,
  deviceMessages,
  deviceProblem,
  deviceRefusals,
  differingField,
  documentMediaType,
  type InstanceKeyId,
  type OpenedRequest,
  openRequest,
  problemMediaType,
  type SignedKind,
  signAnswer,
  signRefusal,
  type Trust,
  type Usage,
} from '@estover/protocol/device';
import {
  type CertificateAuthority,
  certificateToPem,
  createCertificateAuthority,
  exportPublicJwk,
  generateKeyPair,
  importPublicJwk,
  issueIdentityCertificate,
  type KeyPair,
  newCertificateSerial,
  type PublicJwk,
  readCertificateRequest,
} from '@estover/protocol/signing';
import type { Reply, Transport } from '../transport.ts';

/** A registered instance as the fake keeps it. */
export interface FakeInstance {
  instanceId: string;
  productId: string;
  serialNumber: string;
  /** Public keys by certificate serial, in the order of issue. */
  certificates: Map<string, { key: PublicJwk; notAfter: Temporal.Instant }>;
  usage: Usage;
  lastSequence: number;
  removed: boolean;
}

/** What happens to one message on the line. */
export type Fault =
  | 'none'
  | 'request-lost'
  | 'reply-lost'
  | 'doubled'
  | 'busy'
  | 'garbage'
  | 'forged-removal';

/**
 * Stands in for the wire: takes and makes the real signed documents, with the simplest licensing behind them (owned
 * counts per tag, one account). It is no second server: rules of pools, tokens and accounts are not here.
 */
export class FakeServer implements Transport {
  readonly accountId = randomUUID();
  readonly tokens = new Map<string, 'good' | 'expired'>();
  readonly owned = new Map<string, number>();
  readonly instances = new Map<string, FakeInstance>();
  /** Every document that arrived, in order. */
  readonly arrived: { kind: DeviceMessageKind; document: string }[] = [];
  /** What a removed instance is told. */
  removalDetail = 'removed';
  readonly alerts: string[] = [];
  sequencePolicy: SequencePolicy = 'flag';
  /** Undefined for a server of the first release, which knows of no epochs and refuses them. */
  epoch: number | undefined;
  /** When set, certificates are issued to this instance, whoever asks. */
  certificatesFor: string | undefined;
  faults: Fault[] = [];
  now: () => Temporal.Instant;
  retryAfterSeconds: number | undefined;
  readonly #installationId = randomUUID();
  readonly #ca: CertificateAuthority;
  #signing: { keyId: string; keys: KeyPair };
  readonly #answered = new Map<string, { payload: Uint8Array; reply: () => Reply; at: Temporal.Instant }>();

  private constructor(ca: CertificateAuthority, now: () => Temporal.Instant) {
    this.#ca = ca;
    this.now = now;
    this.#signing = { keyId: 'key-1', keys: generateKeyPair() };
  }

  static async create(now: () => Temporal.Instant): Promise<FakeServer> {
    const ca = await createCertificateAuthority({
      commonName: 'Fake',
      keys: generateKeyPair(),
      notBefore: now().subtract({ hours: 24 }),
      notAfter: now().add({ hours: 24 * 3650 }),
    });
    return new FakeServer(ca, now);
  }

  rotateSigningKey(): void {
    this.#signing = { keyId: `key-${randomUUID()}`, keys: generateKeyPair() };
  }

  async getTrust(): Promise<Reply> {
    const trust: Trust = {
      installationId: this.#installationId,
      certificateAuthorities: [certificateToPem(this.#ca.certificate)],
      signingKeys: {
        keys: [
          {
            ...exportPublicJwk(this.#signing.keys.publicKey),
            kid: this.#signing.keyId,
            alg: 'ES256',
            use: 'sig',
            notAfter: this.now()
              .add({ hours: 24 * 3650 })
              .toString(),
          },
        ],
      },
      serverTime: this.now().toString(),
    };
    return {
      status: 200,
      contentType: 'application/json',
      body: JSON.stringify(trust),
      retryAfterSeconds: undefined,
    };
  }

  async post(path: string, document: string): Promise<Reply> {
    const fault = this.faults.shift() ?? 'none';
    if (fault === 'request-lost') throw new Error('the request was lost');
    if (fault === 'busy') return this.#refuse('too-busy', 'busy');
    if (fault === 'forged-removal') return this.#refuse('instance-removed', 'an unsigned claim');
    if (fault === 'garbage') {
      return {
        status: 200,
        contentType: documentMediaType,
        body: 'e30.e30.e30',
        retryAfterSeconds: undefined,
      };
    }
    const kind = deviceMessageKinds.find((candidate) => deviceMessages[candidate].path === path);
    if (kind === undefined) throw new Error(`no such path: ${path}`);
    this.arrived.push({ kind, document });
    const reply = await this.#take(kind, document);
    if (fault === 'reply-lost') throw new Error('the reply was lost');
    return fault === 'doubled' ? await this.#take(kind, document) : reply;
  }

  async close(): Promise<void> {}

  /** The instance of a serial number that is registered now. */
  find(serialNumber: string): FakeInstance | undefined {
    return [...this.instances.values()].find(
      (known) => known.serialNumber === serialNumber && !known.removed,
    );
  }

  async #take(kind: DeviceMessageKind, document: string): Promise<Reply> {
    if (kind === 'register') return await this.#register(document);
    const opened = openRequest(kind, document);
    if (!opened.ok) return this.#refuse(opened.code, opened.detail);
    const instance = this.instances.get(opened.key.instanceId);
    if (instance === undefined) return this.#refuseUnknown('instance-unknown', opened);
    const certificate = instance.certificates.get(opened.key.certificateSerial);
    if (certificate === undefined) return this.#refuseUnknown('certificate-unknown', opened);
    const checked = checkRequest(opened, importPublicJwk(certificate.key));
    if (!checked.ok) return this.#refuse(checked.code, checked.detail);
    const { request, payloadBytes } = checked;
    if (this.epoch === undefined && 'epoch' in request)
      return this.#refuse('document-malformed', 'The payload is not valid at /epoch.');
    const refuse = (code: DeviceRefusalCode, detail: string, facts: DeviceRefusalFacts = {}) =>
      this.#refuse(code, detail, facts, {
        messageId: request.messageId,
        key: { ...opened.key, instanceId: instance.instanceId },
      });

    const before = this.#answeredBefore(request.messageId);
    if (before !== undefined) {
      const field = differingField(before.payload, payloadBytes);
      return field === undefined
        ? before.reply()
        : refuse('message-id-reused', `${field} differs`, { field });
    }
    if (instance.removed) return refuse('instance-removed', this.removalDetail);
    if (Temporal.Instant.compare(certificate.notAfter, this.now()) < 0)
      return refuse('certificate-ended', 'ended');
    const clock = clockDifference(Temporal.Instant.from(request.sentAt), this.now());
    if (clock.tooFar) {
      const facts = { serverTime: this.now().toString(), differenceSeconds: clock.differenceSeconds };
      return refuse('clock-skew', `${clock.differenceSeconds} seconds`, facts);
    }
    const sequence = decideSequence(request.sequence, instance.lastSequence, this.sequencePolicy);
    if (!sequence.ok) return refuse(sequence.code, 'went back', { lastSequence: sequence.lastSequence });
    if (sequence.alert !== undefined) this.alerts.push(sequence.alert);
    instance.lastSequence = sequence.lastSequence;
    // Certificates before the one that has signed end with it.
    const serials = [...instance.certificates.keys()];
    const signer = serials.indexOf(opened.key.certificateSerial);
    for (const earlier of serials.slice(0, signer)) instance.certificates.delete(earlier);

    const common = this.#common(request.messageId, instance);
    if ('usage' in request && request.usage !== undefined) {
      instance.usage = request.usage;
      return this.#answer('authorize', { ...common, authorization: this.#authorize(instance) }, payloadBytes);
    }
    if ('certificateRequest' in request) {
      // What was issued after it and never used is void.
      for (const unused of serials.slice(signer + 1)) instance.certificates.delete(unused);
      const registration = await this.#issue(instance, request.certificateRequest);
      return this.#answer('renew-certificate', { ...common, ...registration }, payloadBytes);
    }
    instance.removed = true;
    return this.#answer('deregister', { ...common, receipt: `receipt-${request.messageId}` }, payloadBytes);
  }

  /** Answers are kept 30 days, as on the real server; what is repeated later is too old for its clock. */
  #answeredBefore(messageId: string) {
    const before = this.#answered.get(messageId);
    return before !== undefined && this.now().since(before.at).total('hours') < 30 * 24 ? before : undefined;
  }

  async #register(document: string): Promise<Reply> {
    const checked = await checkRegistration(document);
    if (!checked.ok) return this.#refuse(checked.code, checked.detail);
    const { request, payloadBytes } = checked;
    const before = this.#answeredBefore(request.messageId);
    if (before !== undefined) {
      const field = differingField(before.payload, payloadBytes);
      return field === undefined ? before.reply() : this.#refuse('message-id-reused', field, { field });
    }
    const clock = clockDifference(Temporal.Instant.from(request.sentAt), this.now());
    if (clock.tooFar) {
      const facts = { serverTime: this.now().toString(), differenceSeconds: clock.differenceSeconds };
      return this.#refuse('clock-skew', `${clock.differenceSeconds} seconds`, facts);
    }
    const token = this.tokens.get(request.token);
    if (token === undefined) return this.#refuse('token-unknown', 'This token was not made on this server.');
    if (token === 'expired') return this.#refuse('token-expired', 'The token expired.');
    const earlier = this.find(request.instance.serialNumber);
    const decision = decideRegistration({
      force: request.force ?? false,
      virtualAccountId: 'va',
      earlier: earlier && { instanceId: earlier.instanceId, virtualAccountId: 'va' },
    });
    if (!decision.ok)
      return this.#refuse(decision.code, `It is registered as ${decision.earlier.instanceId}.`);
    if (earlier !== undefined) earlier.removed = true;
    const instance: FakeInstance = {
      instanceId: randomUUID(),
      productId: request.instance.productId,
      serialNumber: request.instance.serialNumber,
      certificates: new Map(),
      usage: request.usage ?? [],
      lastSequence: request.sequence,
      removed: false,
    };
    this.instances.set(instance.instanceId, instance);
    const answer = {
      ...this.#common(request.messageId, instance),
      ...(await this.#issue(instance, request.certificateRequest)),
      accountName: 'Example',
      virtualAccountName: 'Lab',
      exportControlledAllowed: true,
      authorization: this.#authorize(instance),
    };
    return this.#answer('register', answer, payloadBytes);
  }

  async #issue(instance: FakeInstance, certificateRequest: string) {
    const request = await readCertificateRequest(Buffer.from(certificateRequest, 'base64'));
    if (!request.ok) throw new Error(request.detail);
    const term = certificateTerm(this.now());
    const serial = newCertificateSerial();
    const { accountId } = this;
    const instanceId = this.certificatesFor ?? instance.instanceId;
    const { notBefore, notAfter } = term;
    const der = await issueIdentityCertificate({
      ...{ ca: this.#ca, request, accountId, instanceId, notBefore, notAfter, serial },
    });
    instance.certificates.set(serial, { key: exportPublicJwk(request.publicKey), notAfter });
    return {
      certificate: Buffer.from(der).toString('base64'),
      chain: [Buffer.from(this.#ca.certificate).toString('base64')],
      certificateExpiresAt: notAfter.toString(),
      renewAfter: term.renewAfter.toString(),
    };
  }

  #authorize(instance: FakeInstance): Authorization {
    const licenses = instance.usage.map(({ tag, count }) => {
      const owned = this.owned.get(tag);
      const state =
        owned === undefined
          ? 'invalid-tag'
          : count <= owned
            ? 'in-compliance'
            : ('out-of-compliance' as const);
      return { tag, count, state, ...(owned === undefined ? {} : { name: `Name of ${tag}` }) } as const;
    });
    const state = authorizationStateOf(licenses);
    return {
      state,
      licenses,
      nextContactSeconds: nextContactSeconds(state),
      deadlineAt: authorizationDeadline(this.now()).toString(),
    };
  }

  #common(messageId: string, instance: FakeInstance) {
    return {
      messageId,
      accountId: this.accountId,
      instanceId: instance.instanceId,
      answeredAt: this.now().toString(),
      lastSequence: instance.lastSequence,
      ...this.#told(),
    };
  }

  #told(): { epoch?: number } {
    return this.epoch === undefined ? {} : { epoch: this.epoch };
  }

  /** Proven to whoever names an earlier epoch, whose signature nobody can check. */
  #refuseUnknown(code: 'instance-unknown' | 'certificate-unknown', opened: OpenedRequest<SignedKind>): Reply {
    const claim = claimOf(opened);
    const isForgotten = claim !== undefined && this.epoch !== undefined && claim.epoch < this.epoch;
    const sender = isForgotten ? { messageId: claim.messageId, key: opened.key } : undefined;
    return this.#refuse(code, 'unknown', {}, sender);
  }

  #answer<Kind extends DeviceMessageKind>(
    kind: Kind,
    payload: DeviceAnswers[Kind],
    request: Uint8Array,
  ): Reply {
    const reply = (replayed: boolean): Reply => {
      const signer = { keyId: this.#signing.keyId, privateKey: this.#signing.keys.privateKey };
      const body = signAnswer(kind, replayed ? { ...payload, replayed } : payload, signer);
      return { status: 200, contentType: documentMediaType, body, retryAfterSeconds: undefined };
    };
    this.#answered.set(payload.messageId, { payload: request, reply: () => reply(true), at: this.now() });
    return reply(false);
  }

  #refuse(
    code: DeviceRefusalCode,
    detail: string,
    facts: DeviceRefusalFacts = {},
    sender?: { messageId: string; key: InstanceKeyId },
  ): Reply {
    const signer = { keyId: this.#signing.keyId, privateKey: this.#signing.keys.privateKey };
    const { errors: _, ...proven } = facts;
    const payload = { code, detail, answeredAt: this.now().toString(), ...proven, ...this.#told() };
    const proof =
      sender === undefined
        ? {}
        : { proof: signRefusal({ ...payload, messageId: sender.messageId, ...sender.key }, signer) };
    return {
      status: deviceRefusals[code].status,
      contentType: problemMediaType,
      body: JSON.stringify(deviceProblem(code, detail, { ...facts, ...proof })),
      retryAfterSeconds: this.retryAfterSeconds,
    };
  }
}
