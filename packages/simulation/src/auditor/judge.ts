import type { WireReply, WireRequest } from '../wire.ts';
import { outcomeOf } from '../wire.ts';
import { type BookAccount, type Books, copyFor } from './books.ts';
import type { Case, NamedLot, Rule } from './case.ts';
import { kindOf, readCase } from './device-case.ts';
import { judgeMessage } from './device-rules.ts';
import { ruleOfInstanceTransfer, ruleOfRemoval, ruleOfRevocation, ruleOfToken } from './instance-rules.ts';
import { ruleOfCorrection, ruleOfTransfer, ruleOfUndo } from './ledger-rules.ts';
import { ruleOfCancelling, ruleOfImport, ruleOfOrder, ruleOfShipping } from './order-rules.ts';
import {
  ruleOfAccount,
  ruleOfDeletion,
  ruleOfLicense,
  ruleOfNesting,
  ruleOfPlace,
  ruleOfPolicy,
  ruleOfProduct,
  ruleOfSubstitution,
} from './place-rules.ts';

/** What was seen: a request, what came back, and the server's clock meanwhile. */
export interface Observation {
  request: WireRequest;
  reply: WireReply;
  /** When it first came, when the attempt began that was answered, and when the answer was there. */
  from: number;
  begun: number;
  to: number;
  lots: readonly NamedLot[];
  /** The server crashed over it and it was sent again: the first attempt may have been done. */
  mayBeReplayed: boolean;
}

/** What the auditor objects to. */
export interface Complaint {
  request: WireRequest;
  problem: string;
}

const account = '/api/v1/accounts/{accountId}';
const rules: readonly [string, Rule][] = [
  ['POST /api/v1/catalog/licenses', ruleOfLicense],
  ['POST /api/v1/catalog/products', ruleOfProduct],
  ['POST /api/v1/catalog/substitutions', ruleOfSubstitution],
  ['POST /api/v1/accounts', ruleOfAccount],
  [`PATCH ${account}`, ruleOfPolicy],
  [`POST ${account}/virtual-accounts`, ruleOfPlace],
  [`POST ${account}/virtual-accounts/{virtualAccountId}/move`, ruleOfNesting],
  [`DELETE ${account}/virtual-accounts/{virtualAccountId}`, ruleOfDeletion],
  [`POST ${account}/virtual-accounts/{virtualAccountId}/tokens`, ruleOfToken],
  [`DELETE ${account}/tokens/{tokenId}`, ruleOfRevocation],
  [`POST ${account}/license-transfers`, ruleOfTransfer],
  [`POST ${account}/license-transfers/{movementId}/undo`, ruleOfUndo],
  [`POST ${account}/license-corrections`, ruleOfCorrection],
  [`POST ${account}/product-instances/{instanceId}/remove`, ruleOfRemoval],
  [`POST ${account}/product-instances/{instanceId}/transfer`, ruleOfInstanceTransfer],
  ['POST /api/v1/orders', ruleOfOrder],
  ['POST /api/v1/orders/import', ruleOfImport],
  ['POST /api/v1/orders/{orderNumber}/ship', ruleOfShipping],
  ['POST /api/v1/orders/{orderNumber}/cancel', ruleOfCancelling],
];
const matchers = rules.map(([pattern, rule]) => ({
  matches: new RegExp(`^${pattern.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  rule,
}));

const nobody: BookAccount = {
  accountId: '',
  name: '',
  exportCategory: 'A',
  sequencePolicy: 'flag',
  places: new Map(),
  lots: new Map(),
  holdings: new Map(),
  movements: new Map(),
  unseen: [],
  tokens: new Map(),
  instances: new Map(),
  messages: new Map(),
  termAlerts: [],
};

/**
 * Judges one request that was answered, against what the books say had to come of it, and enters what it did. Returns
 * what is wrong, or undefined. After a complaint the books are of no more use.
 */
export function judge(
  books: Books,
  seen: Observation,
  others?: (() => string | undefined)[],
): string | undefined {
  if (seen.reply.status >= 500)
    return `the server answered ${seen.reply.status}: ${seen.reply.body.slice(0, 300)}`;
  if (kindOf(seen.request) !== undefined) return judgeMessage(readCase(books, seen, others));
  return seen.request.method === 'GET' ? undefined : judgeCommand(books, seen, others !== undefined);
}

function judgeCommand(
  books: Books,
  { request, reply, from, begun, lots, mayBeReplayed }: Observation,
  isAtOnce: boolean,
): string | undefined {
  const url = new URL(request.path, 'http://estover.test');
  const call = `${request.method} ${decodeURIComponent(url.pathname)}`;
  const found = matchers.find(({ matches }) => matches.test(call));
  if (found === undefined) return `the auditor does not know ${call}`;
  const params = found.matches.exec(call)?.groups ?? {};
  const isDryRun = url.searchParams.get('dryRun') === 'true';
  const key = `${request.headers['authorization']} ${request.headers['idempotency-key']}`;
  const text = `${call}?${url.searchParams} ${request.body ?? ''}`;
  const before = isDryRun ? undefined : books.answers.get(key);
  if (before !== undefined) {
    if (before.request !== text) return expect('idempotency-key-reused', reply);
    if (reply.status !== before.status || reply.body !== before.body) {
      return `a repeat should be answered ${before.status} ${before.body} and is answered ${reply.status} ${reply.body}`;
    }
    return reply.headers['idempotent-replayed'] === 'true' ? undefined : 'a repeat is not marked as replayed';
  }
  if (reply.headers['idempotent-replayed'] === 'true' && !mayBeReplayed) {
    return 'a request is answered as a repeat although it is the first';
  }
  // What a server did just before it crashed is answered as a repeat; it was done at the first attempt.
  const at = reply.headers['idempotent-replayed'] === 'true' ? from : begun;
  const accountId = params['accountId'] ?? '';
  const used = isDryRun ? copyFor(books, accountId === '' ? 'all' : accountId) : books;
  const given: Case = {
    books: used,
    account: used.accounts.get(accountId) ?? nobody,
    params,
    query: url.searchParams,
    body: request.body ?? '{}',
    at,
    lots,
    isDryRun,
    isAtOnce,
  };
  const expectation = found.rule(given);
  const wrong = expect(expectation.code, reply);
  if (wrong !== undefined || !('accept' in expectation)) return wrong;
  const objection = expectation.accept(reply.body);
  if (objection !== undefined || isDryRun) return objection;
  books.answers.set(key, { request: text, status: reply.status, body: reply.body, at });
  return undefined;
}

function expect(code: string, reply: WireReply): string | undefined {
  const found = outcomeOf(reply);
  if (found === code) return undefined;
  return `should be answered ${code} and is answered ${found}: ${reply.body.slice(0, 400)}`;
}

/** All orders of a short list. */
function* ordersOf<T>(list: readonly T[]): Generator<T[]> {
  if (list.length <= 1) yield [...list];
  for (const [index, first] of list.entries()) {
    if (list.length <= 1) return;
    for (const rest of ordersOf(list.toSpliced(index, 1))) yield [first, ...rest];
  }
}

/**
 * Judges requests that ran at once: some order must explain every answer. Reports of use, and registrations, may be
 * decided together, so what one of them was told may hold only after those that follow it.
 *
 * @returns the books after that order, or what is wrong in the order in which the requests were sent
 */
export function judgeRound(
  books: Books,
  accountId: string,
  seen: readonly Observation[],
): Books | Complaint[] {
  let first: Complaint[] | undefined;
  for (const order of ordersOf(seen)) {
    const attempt = copyFor(books, accountId);
    const complaints: Complaint[] = [];
    let put: { request: WireRequest; check: () => string | undefined }[] = [];
    for (const one of order) {
      const others: (() => string | undefined)[] = [];
      const problem = judge(attempt, one, others);
      if (problem !== undefined) complaints.push({ request: one.request, problem });
      const isReport = /^(authorize|register)$/.test(kindOf(one.request) ?? '');
      // What was put off holds now, or may still hold after the next report; after anything else it is too late.
      const open = put.filter(({ check }) => check() !== undefined);
      if (!isReport)
        complaints.push(...open.map(({ request, check }) => ({ request, problem: check() ?? '' })));
      put = isReport ? [...open, ...others.map((check) => ({ request: one.request, check }))] : [];
      if (!isReport) {
        complaints.push(...others.flatMap((check) => ({ request: one.request, problem: check() ?? '' })));
      }
    }
    complaints.push(...put.map(({ request, check }) => ({ request, problem: check() ?? '' })));
    if (complaints.length === 0) return attempt;
    first ??= complaints;
  }
  return first ?? [];
}
