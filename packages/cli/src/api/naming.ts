import type { Operation } from '@estover/protocol';

/** How an operation is called on the command line: `estover <noun> <verb> [subject]`. */
export interface CommandName {
  noun: string;
  verb: string;
  /** The parameter of the path that is the thing itself, given without an option; null where there is none. */
  subject: string | null;
}

/** Names that read badly when they are made from the path, by operation. */
const chosen: Readonly<Record<string, Omit<CommandName, 'subject'>>> = {
  createToken: { noun: 'tokens', verb: 'create' },
  invitePeople: { noun: 'people', verb: 'invite' },
  limitToSeller: { noun: 'people', verb: 'limit-to-seller' },
  listAllPeople: { noun: 'all-people', verb: 'list' },
  exportPersonData: { noun: 'all-people', verb: 'export-data' },
  removePerson: { noun: 'all-people', verb: 'remove' },
  listPlatformEvents: { noun: 'platform-events', verb: 'list' },
  getPlatformEvent: { noun: 'platform-events', verb: 'show' },
  downloadPlatformEvents: { noun: 'platform-events', verb: 'download' },
  downloadPlatformEventChain: { noun: 'platform-events', verb: 'download-chain' },
  getPlatformEventHead: { noun: 'platform-event-head', verb: 'show' },
  listRemovals: { noun: 'all-people', verb: 'list-removals' },
  markNewsSeen: { noun: 'news', verb: 'mark-seen' },
  endOtherSessions: { noun: 'my-sessions', verb: 'end-others' },
  tryDeliveryRules: { noun: 'delivery-rules', verb: 'try' },
  unsubscribe: { noun: 'my-notifications', verb: 'unsubscribe' },
  setUp: { noun: 'setup', verb: 'complete' },
  setSingleSignOn: { noun: 'single-sign-on', verb: 'set' },
  changeSingleSignOn: { noun: 'single-sign-on', verb: 'change' },
  startSingleSignOnTest: { noun: 'single-sign-on', verb: 'start-test' },
};

/** `virtualAccountId` → `virtual-account-id`. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const singulars: Readonly<Record<string, string>> = { people: 'person', news: 'news', access: 'access' };

function singular(noun: string): string {
  const [, before = '', last = ''] = /^(.*-)?([^-]+)$/.exec(noun) ?? [];
  const one =
    singulars[last] ??
    last
      .replace(/ies$/, 'y')
      .replace(/sses$/, 'ss')
      .replace(/([^s])s$/, '$1');
  return before + one;
}

/** What words for doing a thing and words for the thing done have in common: `removal` and `remove`. */
const stemOf = (verb: string): string => verb.replace(/e$/, '');
const isParameter = (segment: string): boolean => segment.startsWith('{');

interface Derived extends CommandName {
  inAccount: boolean;
  isPublic: boolean;
}

/**
 * The words of one operation, from its path and the first word of its name:
 *
 * - The noun is what the path says below the account: `/accounts/{accountId}/virtual-accounts` → `virtual-accounts`.
 *   What lies inside a thing carries its name: `/groups/{groupId}/people` → `group-people`, `/me/sessions` → `my-sessions`.
 * - The verb is that of the name (`revokeApiKey` → `revoke`), with `show` for `get`. A last word of the path that says the
 *   same is no part of the noun (`/license-transfers/{movementId}/undo`); where the noun itself says it, the verb is
 *   `create` (`POST /license-transfers`). A file that is no list of its noun is `download-<last word>`.
 * - The id at the end of what is left of the path is the subject.
 */
function derive(operation: Operation): Derived {
  const { name, path, method, fileAnswer, permission } = operation;
  const segments = path.split('/').slice(3);
  const first = /^[a-z]+/.exec(name)?.[0] ?? name;
  let verb = first === 'get' ? 'show' : first;
  const last = segments.at(-1) ?? '';
  const belowAccount = segments.length === 3 && segments[1] === '{accountId}';
  const saysItself = last === first || last.startsWith(`${first}-`);
  const saysAlike = last.startsWith(stemOf(first)) && !belowAccount;
  const endsInVerb = segments.length > 1 && (saysItself || saysAlike);
  if (endsInVerb || fileAnswer) segments.pop();
  if (endsInVerb && saysItself) verb = last;
  else if (fileAnswer) verb = `${first}-${last}`;

  const end = segments.at(-1) ?? '';
  const subject = isParameter(end) ? end.slice(1, -1) : null;
  const inAccount = segments[1] === '{accountId}' && segments.length > 2;
  const words = (inAccount ? segments.slice(2) : segments).filter((segment) => !isParameter(segment));
  if (words[0] === 'me' && words.length > 1) words[0] = 'my';
  const noun = words.map((word, at) => (at < words.length - 1 ? singular(word) : word)).join('-');
  // Not short ones, which words of another meaning begin with: to add is nothing of an address.
  if (!endsInVerb && method === 'POST' && first.length > 3 && noun.includes(stemOf(first))) verb = 'create';
  const isPublic = permission.at === 'public';
  const given = chosen[name];
  if (given === undefined) return { noun, verb, subject, inAccount, isPublic };
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  const own = parameters.at(-1);
  const isOwn = own !== undefined && singular(given.noun).endsWith(kebab(own).replace(/-id$/, ''));
  return { ...given, subject: isOwn ? own : null, inAccount, isPublic };
}

/**
 * The name of each operation's command. Where the same noun is also outside of accounts, that inside begins with
 * `account-`: `orders list` are those of the platform, `account-orders list` those of one account.
 */
export function commandNames(operations: Iterable<Operation>): ReadonlyMap<Operation, CommandName> {
  const derived = [...operations].map((operation) => [operation, derive(operation)] as const);
  const outside = new Set(
    derived.filter(([, { inAccount, isPublic }]) => !inAccount && !isPublic).map(([, { noun }]) => noun),
  );
  return new Map(
    derived.map(([operation, { noun, verb, subject, inAccount }]) => [
      operation,
      { noun: inAccount && outside.has(noun) ? `account-${noun}` : noun, verb, subject },
    ]),
  );
}
