import type { Flow } from './flows-store.ts';

/** What is told to somebody who comes back, as a word in the address of a page that has the sentence. */
export type FlowProblem =
  /** Used, too old, of another browser, or never begun. */
  | 'ended'
  | 'unreachable'
  /** What is at the issuer's address is not what it says it is. */
  | 'provider-unknown'
  /** The provider does not take the client's id or secret. */
  | 'client-refused'
  /** What the provider said does not hold: signature, issuer, audience, time, nonce. */
  | 'answer-refused'
  /** The person or the provider stopped. */
  | 'declined'
  | 'address-missing'
  | 'address-elsewhere'
  | 'mail-sent'
  /** Linked with somebody else. */
  | 'linked-elsewhere'
  /** The group that new people come into has ended or is gone. */
  | 'group-ended'
  /** For a step-up: not signed in again, or as somebody else. */
  | 'not-proved';

/** The outcome of a sign-in at a company, other than a person. */
export class FlowStopped extends Error {
  override name = 'FlowStopped';
  readonly problem: FlowProblem;

  constructor(problem: FlowProblem, options?: ErrorOptions) {
    super(problem, options);
    this.problem = problem;
  }
}

/** Only a path of this site: an address from outside could send a person to a copy of it. */
export const insidePath = (given: unknown): string | null =>
  typeof given === 'string' && /^\/(?![/\\])[\x21-\x7e]{0,500}$/.test(given) ? given : null;

/** Where a browser goes when its way is over; `problem` of null went well. */
export function outcomeAddress(
  flow: Pick<Flow, 'purpose' | 'accountId' | 'nextPath'> | undefined,
  problem: FlowProblem | null,
): string {
  const withWord = (path: string, name: string, word: string) =>
    `${path}${path.includes('?') ? '&' : '?'}${name}=${word}`;
  switch (flow?.purpose) {
    case 'test':
      return withWord(
        `/accounts/${flow.accountId}/settings/single-sign-on`,
        'tested',
        problem ?? 'went-well',
      );
    case 'link':
      return withWord('/security', 'linked', problem ?? 'went-well');
    case 'step-up':
      return problem === null ? (flow.nextPath ?? '/') : withWord('/security', 'proof', problem);
    case 'sign-in': {
      if (problem === null) return flow.nextPath ?? '/';
      const next = flow.nextPath === null ? '' : `&next=${encodeURIComponent(flow.nextPath)}`;
      return `/sign-in?problem=${problem}${next}`;
    }
    case undefined:
      return `/sign-in?problem=${problem ?? 'ended'}`;
  }
}
