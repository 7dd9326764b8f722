import type {
  AnswerOf,
  listAlerts,
  listInventory,
  listMovements,
  listProductInstances,
  listTokens,
  listVirtualAccounts,
} from '@estover/protocol';
import { millisecondsOf } from '../clock.ts';
import { type BookAccount, type Books, isLiving, movementText } from './books.ts';
import { difference } from './case.ts';
import { isExportBarred, tokenStateAt } from './instance-rules.ts';
import { allPoolsOf, type PoolFigures } from './pools.ts';

/** Asks the API for what an account's administrator may see; path and query below the account. */
export type Look = (path: string) => Promise<unknown>;

type Item<T> = T extends { items: readonly (infer One)[] } ? One : never;

async function allPages<T>(look: Look, path: string): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await look(`${path}${path.includes('?') ? '&' : '?'}limit=200${next}`)) as {
      items: T[];
      nextCursor: string | null;
    };
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

/**
 * Asks the API for every figure of an account and compares it with the books. To be asked right after the jobs ran,
 * because alerts about terms are as of then. Returns what is wrong, the first of each kind.
 */
export async function inspect(books: Books, account: BookAccount, look: Look, at: number): Promise<string[]> {
  const pools = allPoolsOf(books, account);
  const wrong = [
    await inspectInventory(account, pools, look),
    await inspectTree(account, pools, look),
    await inspectInstances(books, account, pools, look),
    await inspectTokens(account, look, at),
    await inspectAlerts(account, pools, look),
    await inspectMovements(account, look),
  ];
  return wrong.filter((problem) => problem !== undefined);
}

const zero: PoolFigures = {
  pending: 0,
  available: 0,
  expired: 0,
  inUse: 0,
  lent: 0,
  borrowed: 0,
  balance: 0,
  state: 'in-compliance',
};

async function inspectInventory(
  _account: BookAccount,
  pools: ReadonlyMap<string, PoolFigures>,
  look: Look,
): Promise<string | undefined> {
  const rows = await allPages<Item<AnswerOf<typeof listInventory>>>(look, '/licenses?by=pool');
  const found = new Map(rows.map((row) => [`${row.virtualAccountId} ${row.tag}`, row]));
  for (const key of new Set([...pools.keys(), ...found.keys()])) {
    const expected = pools.get(key) ?? zero;
    const row = found.get(key);
    if (row === undefined) {
      if (difference('', zero, expected) === undefined) continue;
      return `the inventory has no row for the pool ${key}, which is ${JSON.stringify(expected)}`;
    }
    const wrong = difference(`the inventory's pool ${key}`, { ...expected, reserved: 0, held: 0 }, row);
    if (wrong !== undefined) return wrong;
    const isShort = expected.state === 'out-of-compliance';
    if ((row.shortSince !== null) !== isShort) return `the pool ${key} is short since ${row.shortSince}`;
    if (row.short !== (isShort ? -expected.balance : 0)) return `the pool ${key} is short by ${row.short}`;
  }
  return undefined;
}

async function inspectTree(
  account: BookAccount,
  pools: ReadonlyMap<string, PoolFigures>,
  look: Look,
): Promise<string | undefined> {
  const { items } = (await look('/virtual-accounts?rollUp=true')) as AnswerOf<typeof listVirtualAccounts>;
  if (items.length !== account.places.size) {
    return `the tree should have ${account.places.size} virtual accounts and has ${items.length}`;
  }
  const own = new Map(
    [...account.places.keys()].map((id) => [id, { owned: 0, inUse: 0, balance: 0, expired: 0 }]),
  );
  for (const [key, { available, inUse, balance, expired }] of pools) {
    const sums = own.get(key.slice(0, key.indexOf(' ')));
    if (sums === undefined) return `the auditor has a pool in no place: ${key}`;
    sums.owned += available;
    sums.inUse += inUse;
    sums.balance += balance;
    sums.expired += expired;
  }
  const nestedOf = (id: string): { owned: number; inUse: number } => {
    const sums = { owned: own.get(id)?.owned ?? 0, inUse: own.get(id)?.inUse ?? 0 };
    for (const child of account.places.values()) {
      if (child.parentId !== id) continue;
      const below = nestedOf(child.id);
      sums.owned += below.owned;
      sums.inUse += below.inUse;
    }
    return sums;
  };
  for (const item of items) {
    const place = account.places.get(item.virtualAccountId);
    if (place === undefined) return `the tree has an unknown virtual account ${item.name}`;
    const id = item.virtualAccountId;
    const wrong =
      difference(
        `the virtual account ${item.name}`,
        { parentId: place.parentId, isDefault: place.isDefault },
        item,
      ) ??
      difference(`the sums of ${item.name}`, own.get(id) ?? {}, item.own ?? {}) ??
      difference(`the nested sums of ${item.name}`, nestedOf(id), item.nested ?? {});
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

async function inspectInstances(
  books: Books,
  account: BookAccount,
  pools: ReadonlyMap<string, PoolFigures>,
  look: Look,
): Promise<string | undefined> {
  const found = await allPages<Item<AnswerOf<typeof listProductInstances>>>(
    look,
    '/product-instances?sort=registered',
  );
  const living = [...account.instances.values()].filter(isLiving);
  if (found.length !== living.length) {
    return `${living.length} product instances should be registered and ${found.length} are`;
  }
  for (const item of found) {
    const instance = account.instances.get(item.instanceId);
    if (instance === undefined) return `an unknown product instance ${item.instanceId} is listed`;
    const isSilent = instance.state === 'authorization-expired';
    const expected = {
      state: instance.state,
      virtualAccountId: instance.place,
      lastContactAt: instance.lastContactAt,
      nextContactBy: instance.nextContactBy,
      deadlineAt: instance.deadlineAt,
      certificateExpiresAt: instance.certificate.expiresAt,
      usage: [...instance.usage].map(([tag, { count, counted }]) => {
        const license = books.licenses.get(tag);
        const uncounted = license?.exportControlled === true ? 'disabled' : 'invalid-tag';
        const state = counted ? (pools.get(`${instance.place} ${tag}`)?.state ?? 'in-compliance') : uncounted;
        return `${tag} ${count} ${state}`;
      }),
    };
    const instants = ['lastContactAt', 'nextContactBy', 'deadlineAt', 'certificateExpiresAt'] as const;
    const dated = Object.fromEntries(instants.map((name) => [name, millisecondsOf(item[name] ?? '')]));
    const usage = isSilent
      ? []
      : item.usage.map(({ tag, count, state }) => `${tag} ${count} ${state}`).sort();
    expected.usage.sort();
    const wrong = difference(`the product instance ${instance.serialNumber}`, expected, {
      ...item,
      ...dated,
      usage,
    });
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

async function inspectTokens(account: BookAccount, look: Look, at: number): Promise<string | undefined> {
  const found = await allPages<Item<AnswerOf<typeof listTokens>>>(look, '/tokens');
  const shown = new Map(found.map((token) => [token.tokenId, token]));
  for (const token of account.tokens.values()) {
    const item = shown.get(token.tokenId);
    // Tokens of a virtual account that was deleted are shown nowhere.
    if (item === undefined && !account.places.has(token.place)) continue;
    if (item === undefined) return `the token ${token.tokenId} is not listed`;
    const wrong = difference(
      `the token ${token.tokenId}`,
      { state: tokenStateAt(token, at), uses: token.uses },
      item,
    );
    if (wrong !== undefined) return wrong;
  }
  return found.length > account.tokens.size ? 'a token is listed that nobody made' : undefined;
}

async function inspectAlerts(
  account: BookAccount,
  pools: ReadonlyMap<string, PoolFigures>,
  look: Look,
): Promise<string | undefined> {
  const found = await allPages<Item<AnswerOf<typeof listAlerts>>>(look, '/alerts');
  const expected: string[] = [];
  for (const [key, { state, balance }] of pools) {
    if (state === 'out-of-compliance') expected.push(`insufficient-licenses major ${key} ${-balance}`);
  }
  for (const { kind, place, lotId, quantity } of account.termAlerts) {
    expected.push(`${kind} ${kind === 'licenses-expired' ? 'major' : 'minor'} ${place} ${lotId} ${quantity}`);
  }
  for (const { instanceId, connectAlert, renewAlert, duplicateAlert } of account.instances.values()) {
    if (connectAlert !== null) expected.push(`instance-failed-to-connect ${connectAlert} ${instanceId}`);
    if (renewAlert !== null) expected.push(`instance-failed-to-renew ${renewAlert} ${instanceId}`);
    if (duplicateAlert) expected.push(`duplicate-instance minor ${instanceId}`);
  }
  const shown = found.map(({ kind, severity, virtualAccountId, tag, lotId, instanceId, quantity }) =>
    kind === 'insufficient-licenses'
      ? `${kind} ${severity} ${virtualAccountId} ${tag} ${quantity}`
      : lotId !== null
        ? `${kind} ${severity} ${virtualAccountId} ${lotId} ${quantity}`
        : `${kind} ${severity} ${instanceId}`,
  );
  const missing = expected.find((alert) => !shown.includes(alert));
  if (missing !== undefined) return `there should be an alert: ${missing}`;
  const extra = shown.find((alert) => !expected.includes(alert));
  if (extra !== undefined) return `there should be no alert: ${extra}`;
  return shown.length === expected.length ? undefined : 'an alert is open twice';
}

/** Reads the movements that were not seen yet; each must be one that is expected, and each expected one must come. */
async function inspectMovements(account: BookAccount, look: Look): Promise<string | undefined> {
  const named = new Map(
    [...account.movements.values()]
      .filter(({ movementId }) => movementId.includes(' '))
      .map((movement) => [movementText(movement.kind, movement.entries), movement]),
  );
  let cursor: string | null = null;
  for (let isNew = true; isNew; ) {
    const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await look(`/movements?limit=50${next}`)) as AnswerOf<typeof listMovements>;
    for (const { movementId, kind, at, undoOf, entries } of page.items) {
      if (account.movements.has(movementId)) {
        isNew = account.unseen.length > 0 || named.size > 0;
        if (!isNew) break;
        continue;
      }
      const lines = entries.map(({ lotId, virtualAccountId, state, delta }) => ({
        lotId,
        place: virtualAccountId,
        state,
        delta,
      }));
      const text = movementText(kind, lines);
      const known = named.get(text);
      const index = account.unseen.indexOf(text);
      if (known !== undefined) {
        named.delete(text);
        account.movements.delete(known.movementId);
      } else if (index >= 0) {
        account.unseen.splice(index, 1);
      } else {
        return `nobody made the movement ${movementId}, ${text}`;
      }
      const undoneBy = null;
      account.movements.set(movementId, {
        movementId,
        kind,
        at: millisecondsOf(at),
        undoOf,
        undoneBy,
        entries: lines,
      });
    }
    cursor = page.nextCursor;
    if (cursor === null) isNew = false;
  }
  const missing = account.unseen[0] ?? [...named.keys()][0];
  return missing === undefined ? undefined : `the movement ${missing} is missing`;
}

/** What must be so of the books alone: nothing is below zero, and what was delivered is there or was withdrawn. */
export function contradictionsIn(account: BookAccount): string | undefined {
  const found = new Map<string, number>();
  for (const [place, lots] of account.holdings) {
    for (const [lotId, quantities] of lots) {
      for (const [state, quantity] of Object.entries(quantities)) {
        if (quantity < 0) return `${place} has ${quantity} ${state} of lot ${lotId}`;
        found.set(lotId, (found.get(lotId) ?? 0) + quantity);
      }
    }
  }
  for (const { lotId, delivered, withdrawn } of account.lots.values()) {
    if ((found.get(lotId) ?? 0) + withdrawn !== delivered) return `lot ${lotId} does not add up`;
  }
  for (const token of account.tokens.values()) {
    if (token.maximumUses !== null && token.uses > token.maximumUses)
      return `token ${token.tokenId} is overused`;
  }
  return isExportBarred(account) && [...account.tokens.values()].some(({ exportAllowed }) => exportAllowed)
    ? `${account.name} may not use export-controlled functionality`
    : undefined;
}
