import type { InstanceIdentity, Trust } from '@estover/protocol/device';
import { largestCount, mostTags } from '@estover/protocol/device';
import { fire, startAfresh } from './actions.ts';
import { letTimePass } from './clockwork.ts';
import type { Draft, Notice, StepContext } from './draft.ts';
import type { TransitionRefusal } from './machine.ts';
import { type Answer, type Refusal, type Silence, takeAnswer, takeRefusal, takeSilence } from './replies.ts';
import type { AgentSettings, AgentState, OutgoingMessage } from './state.ts';

/** Everything that can happen to an agent. */
export type AgentInput =
  | { kind: 'identify'; identity: InstanceIdentity }
  | { kind: 'configure'; settings: Partial<AgentSettings> }
  | { kind: 'register'; token: string; force: boolean }
  | { kind: 'deregister' }
  | { kind: 'use'; tag: string; count: number }
  | { kind: 'renew-authorization' }
  | { kind: 'renew-certificate' }
  | { kind: 'tick' }
  | { kind: 'composed'; message: OutgoingMessage }
  | { kind: 'trusted'; trust: Trust }
  | { kind: 'answered'; messageId: string; answer: Answer }
  | { kind: 'refused'; messageId: string; refusal: Refusal }
  | { kind: 'unanswered'; messageId: string; silence: Silence };

/** Inputs that can be refused. */
const wishes: ReadonlySet<AgentInput['kind']> = new Set<AgentInput['kind']>([
  'identify',
  'register',
  'deregister',
  'use',
  'renew-authorization',
  'renew-certificate',
]);

/** Why a wish was not taken; nothing changed. */
export interface InputRefusal {
  code: TransitionRefusal | 'identity-differs' | 'count-invalid' | 'tag-invalid' | 'too-many-tags';
  detail: string;
}

export interface StepResult {
  state: AgentState;
  notices: Notice[];
  refusal: InputRefusal | undefined;
}

/**
 * The whole agent as a pure function: state × input → state and what is to be announced. The caller stores the new
 * state before it announces anything or sends `state.outgoing`.
 */
export function step(state: AgentState, input: AgentInput, context: StepContext): StepResult {
  const draft: Draft = { ...context, state: copyOf(state), notices: [] };
  letTimePass(draft);
  // What time did stays when a wish is refused.
  const settled = wishes.has(input.kind) ? copyOf(draft.state) : draft.state;
  const notices = [...draft.notices];
  const refusal = take(draft, input);
  if (refusal !== undefined) return { state: settled, notices, refusal };
  letTimePass(draft);
  return { state: draft.state, notices: draft.notices, refusal: undefined };
}

/** A copy as deep as the state, which is data alone: several times as quick as the general way. */
function copyOf<Data>(data: Data): Data;
function copyOf(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return data.map((each) => copyOf(each));
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, copyOf(value)]));
}

function take(draft: Draft, input: AgentInput): InputRefusal | undefined {
  const { state } = draft;
  switch (input.kind) {
    case 'tick':
      return undefined;
    case 'identify':
      return identify(draft, input.identity);
    case 'configure':
      state.settings = { ...state.settings, ...input.settings };
      return undefined;
    case 'register': {
      const enrolment = { token: input.token.trim(), force: input.force };
      return explain(fire(draft, input.force ? 'register-forced' : 'register-asked', { enrolment }));
    }
    case 'deregister':
      return explainLost(state, fire(draft, 'deregister-asked'));
    case 'use':
      return use(draft, input.tag, input.count);
    case 'renew-authorization':
      return renew(draft, 'contact-due');
    case 'renew-certificate':
      return renew(draft, 'renewal-due');
    case 'composed':
      state.outgoing = input.message;
      state.lastSequence = Math.max(state.lastSequence, input.message.sequence);
      if (input.message.kind === 'authorize') state.reportDue = false;
      if (input.message.kind === 'renew-certificate') state.renewalDue = false;
      return undefined;
    case 'trusted':
      state.trust = input.trust;
      return undefined;
    case 'answered':
      return onMessage(draft, input.messageId, (message) => takeAnswer(draft, message, input.answer));
    case 'refused':
      return onMessage(draft, input.messageId, (message) => takeRefusal(draft, message, input.refusal));
    case 'unanswered':
      return onMessage(draft, input.messageId, (message) => takeSilence(draft, message, input.silence));
  }
}

/** A reply counts only for the message that is on its way; late and doubled ones change nothing. */
function onMessage(draft: Draft, messageId: string, react: (message: OutgoingMessage) => void): undefined {
  const message = draft.state.outgoing;
  if (message?.messageId === messageId) react(message);
}

function identify(draft: Draft, identity: InstanceIdentity): InputRefusal | undefined {
  const { state } = draft;
  const known = state.identity;
  if (known !== null) {
    if (known.productId !== identity.productId || known.serialNumber !== identity.serialNumber) {
      const detail = `This folder belongs to PID ${known.productId}, serial number ${known.serialNumber}. Use another folder for another product.`;
      return { code: 'identity-differs', detail };
    }
  }
  state.identity = identity;
  return explain(fire(draft, 'identified'));
}

function use(draft: Draft, tag: string, count: number): InputRefusal | undefined {
  const { state } = draft;
  if (!Number.isSafeInteger(count) || count < 0 || count > largestCount) {
    return {
      code: 'count-invalid',
      detail: `A count is a whole number from 0 to ${largestCount}, found ${count}.`,
    };
  }
  // Counted as the protocol counts: in Unicode code points.
  if (tag === '' || [...tag].length > 255 || /[\p{Cc}\p{Cs}]/u.test(tag)) {
    return { code: 'tag-invalid', detail: 'A tag has 1 to 255 characters and no control characters.' };
  }
  const known = state.use.find((entry) => entry.tag === tag);
  if ((known?.count ?? 0) === count) return undefined;
  if (known === undefined && state.use.length >= mostTags) {
    return {
      code: 'too-many-tags',
      detail: `At most ${mostTags} licenses can be in use at once; release one first.`,
    };
  }
  if (count === 0) state.use = state.use.filter((entry) => entry.tag !== tag);
  else if (known === undefined) state.use.push({ tag, count, answered: null, name: null });
  else Object.assign(known, { count, answered: null });
  return explain(fire(draft, 'use-changed'));
}

function renew(draft: Draft, event: 'contact-due' | 'renewal-due'): InputRefusal | undefined {
  if (draft.state.registration !== 'registered') return explainLost(draft.state, 'not-registered');
  const inFlight = event === 'contact-due' ? 'authorize' : 'renew-certificate';
  startAfresh(draft);
  if (draft.state.outgoing?.kind === inFlight) return undefined;
  return explain(fire(draft, event));
}

const explanations: Record<TransitionRefusal, string> = {
  'not-identified': 'The product id and the serial number are not known yet. Give them first.',
  'already-registered': 'This product is registered already. Use force to register it anew.',
  'not-registered': 'This product is not registered. Register it with a token first.',
};

/** Says why there is no registration any more, when that was the server's doing. */
function explainLost(state: AgentState, code: TransitionRefusal | undefined): InputRefusal | undefined {
  if (code !== 'not-registered' || state.failure?.code !== 'instance-removed') return explain(code);
  return { code, detail: `${state.failure.detail} Register it again with a token.` };
}

function explain(code: TransitionRefusal | undefined): InputRefusal | undefined {
  return code === undefined ? undefined : { code, detail: explanations[code] };
}
