import type {
  AnswerOf,
  BodyOf,
  createAccount,
  createLicense,
  createProduct,
  createSubstitution,
  createVirtualAccount,
  deleteVirtualAccount,
  moveVirtualAccount,
  updateAccount,
} from '@estover/protocol';
import {
  type BookAccount,
  type BookEntry,
  type BookPlace,
  type Books,
  holdingStates,
  isLiving,
} from './books.ts';
import { type Case, difference, type Expectation, parsed, refused } from './case.ts';
import { enterMovement } from './ledger-rules.ts';

/** Virtual accounts nest to so many levels (seed 003). */
const deepest = 10;

export function ruleOfLicense({ books, body }: Case): Expectation {
  const { tag, overage, enforcement } = parsed<BodyOf<typeof createLicense>>(body);
  if (books.licenses.has(tag)) return refused('tag-taken');
  return {
    code: 'ok',
    accept(text) {
      const { licenseId } = parsed<AnswerOf<typeof createLicense>>(text).license;
      const exportControlled = enforcement === 'export-controlled';
      books.licenses.set(tag, { licenseId, tag, exportControlled, overage: overage ?? { kind: 'none' } });
      return undefined;
    },
  };
}

export function ruleOfProduct({ books, body }: Case): Expectation {
  const { sku, grants, term } = parsed<BodyOf<typeof createProduct>>(body);
  if (books.products.has(sku)) return refused('sku-taken');
  return {
    code: 'ok',
    accept() {
      const complete = grants.map(({ tag, quantityPerUnit }) => ({
        tag,
        quantityPerUnit: quantityPerUnit ?? 1,
      }));
      books.products.set(sku, { sku, grants: complete, term: term ?? { kind: 'perpetual' } });
      return undefined;
    },
  };
}

export function ruleOfSubstitution({ books, body }: Case): Expectation {
  const { upperTag, lowerTag, upperQuantity, lowerQuantity, priority } =
    parsed<BodyOf<typeof createSubstitution>>(body);
  const [upper, lower] = [books.licenses.get(upperTag), books.licenses.get(lowerTag)];
  if (upper === undefined || lower === undefined) return refused('unknown-tag');
  if (upperTag === lowerTag) return refused('substitution-cycle');
  if (upper.exportControlled !== lower.exportControlled) return refused('substitution-export-class');
  const { substitutions } = books;
  if (substitutions.some((edge) => edge.upperTag === upperTag && edge.lowerTag === lowerTag)) {
    return refused('substitution-exists');
  }
  if (isBelow(books, lowerTag, upperTag)) return refused('substitution-cycle');
  return {
    code: 'ok',
    accept() {
      substitutions.push({
        upperTag,
        lowerTag,
        upperQuantity: upperQuantity ?? 1,
        lowerQuantity: lowerQuantity ?? 1,
        priority: priority ?? 100,
      });
      return undefined;
    },
  };
}

function isBelow(books: Books, from: string, wanted: string): boolean {
  return books.substitutions
    .filter(({ upperTag }) => upperTag === from)
    .some(({ lowerTag }) => lowerTag === wanted || isBelow(books, lowerTag, wanted));
}

export function ruleOfAccount({ books, body }: Case): Expectation {
  const { name, exportCategory } = parsed<BodyOf<typeof createAccount>>(body);
  return {
    code: 'ok',
    accept(text) {
      const { account, defaultVirtualAccountId: id } = parsed<AnswerOf<typeof createAccount>>(text);
      const { accountId, sequencePolicy } = account;
      const made: BookAccount = {
        accountId,
        name,
        exportCategory: exportCategory ?? 'A',
        sequencePolicy,
        places: new Map([[id, { id, name: 'Default', parentId: null, isDefault: true }]]),
        lots: new Map(),
        holdings: new Map(),
        movements: new Map(),
        unseen: [],
        tokens: new Map(),
        instances: new Map(),
        messages: new Map(),
        termAlerts: [],
      };
      books.accounts.set(accountId, made);
      return undefined;
    },
  };
}

export function ruleOfPolicy({ account, body }: Case): Expectation {
  const { sequencePolicy } = parsed<BodyOf<typeof updateAccount>>(body);
  if (sequencePolicy === undefined || sequencePolicy === account.sequencePolicy)
    return refused('nothing-to-do');
  return {
    code: 'ok',
    accept(text) {
      account.sequencePolicy = sequencePolicy;
      return difference(
        'the account',
        { sequencePolicy },
        parsed<AnswerOf<typeof updateAccount>>(text).account,
      );
    },
  };
}

const childrenOf = (account: BookAccount, id: string | null) =>
  [...account.places.values()].filter(({ parentId }) => parentId === id);

function depthOf(account: BookAccount, id: string | null): number {
  return id === null ? 0 : 1 + depthOf(account, account.places.get(id)?.parentId ?? null);
}

function heightOf(account: BookAccount, id: string): number {
  return 1 + Math.max(0, ...childrenOf(account, id).map((child) => heightOf(account, child.id)));
}

function isNestedIn(account: BookAccount, id: string | null, ancestor: string): boolean {
  if (id === null) return false;
  return id === ancestor || isNestedIn(account, account.places.get(id)?.parentId ?? null, ancestor);
}

function refusalOfPlace(
  account: BookAccount,
  id: string | null,
  name: string,
  parentId: string | null,
  height: number,
) {
  if (id !== null && isNestedIn(account, parentId, id)) return 'nested-in-itself';
  if (depthOf(account, parentId) + height > deepest) return 'nested-too-deep';
  const isTaken = childrenOf(account, parentId).some(
    (sibling) => sibling.id !== id && sibling.name.toLowerCase() === name.toLowerCase(),
  );
  return isTaken ? 'name-taken' : undefined;
}

export function ruleOfPlace({ account, body }: Case): Expectation {
  const { name, parentId = null } = parsed<BodyOf<typeof createVirtualAccount>>(body);
  if (parentId !== null && !account.places.has(parentId)) return refused('unknown-virtual-account');
  const wrong = refusalOfPlace(account, null, name, parentId, 1);
  if (wrong !== undefined) return refused(wrong);
  return {
    code: 'ok',
    accept(text) {
      const { virtualAccount } = parsed<AnswerOf<typeof createVirtualAccount>>(text);
      const id = virtualAccount.virtualAccountId;
      account.places.set(id, { id, name, parentId, isDefault: false });
      return difference(
        'the virtual account',
        { name, parentId, depth: depthOf(account, id) },
        virtualAccount,
      );
    },
  };
}

export function ruleOfNesting({ account, params, body }: Case): Expectation {
  const { parentId } = parsed<BodyOf<typeof moveVirtualAccount>>(body);
  const place = account.places.get(params['virtualAccountId'] ?? '');
  if (place === undefined) return refused('not-found');
  if (parentId !== null && !account.places.has(parentId)) return refused('unknown-virtual-account');
  if (place.parentId === parentId) return refused('nothing-to-do');
  const wrong = refusalOfPlace(account, place.id, place.name, parentId, heightOf(account, place.id));
  if (wrong !== undefined) return refused(wrong);
  return {
    code: 'ok',
    accept(text) {
      place.parentId = parentId;
      const expected = { parentId, depth: depthOf(account, place.id) };
      return difference(
        'the virtual account',
        expected,
        parsed<AnswerOf<typeof moveVirtualAccount>>(text).virtualAccount,
      );
    },
  };
}

/** Everything goes to the heir, whatever state it is in; tokens are revoked. Names are unique in a simulated account. */
export function ruleOfDeletion({ books, account, params, query, at }: Case): Expectation {
  const place = account.places.get(params['virtualAccountId'] ?? '');
  if (place === undefined) return refused('not-found');
  const { id } = place;
  const heir = query.get('contentsTo');
  if (heir !== null && !account.places.has(heir)) return refused('unknown-virtual-account');
  if (place.isDefault) return refused('default-virtual-account');
  const held = [...(account.holdings.get(id) ?? [])].flatMap(([lotId, quantities]) =>
    holdingStates
      .map((state) => ({ lotId, state, quantity: quantities[state] }))
      .filter(({ quantity }) => quantity > 0),
  );
  const instances = [...account.instances.values()].filter((each) => each.place === id && isLiving(each));
  const tokens = [...account.tokens.values()].filter((token) => token.place === id && !token.revoked);
  const active = tokens.filter(
    ({ expiresAt, maximumUses, uses }) => expiresAt > at && (maximumUses === null || uses < maximumUses),
  );
  const lines = [...books.orders.values()]
    .flatMap((order) => order.lines)
    .filter((line) => line.place === id && line.state === 'booked');
  const children = childrenOf(account, id);
  if (heir === null) {
    const isHeld = held.length + instances.length + active.length + lines.length + children.length > 0;
    if (isHeld) return refused('virtual-account-not-empty');
  } else if (isNestedIn(account, heir, id)) {
    return refused('nested-in-itself');
  } else {
    const wrong = refusalOfHeir(account, id, heir, children);
    if (wrong !== undefined) return refused(wrong);
  }
  return {
    code: 'ok',
    accept(text) {
      const units = held
        .filter(({ state }) => state !== 'expired')
        .reduce((sum, { quantity }) => sum + quantity, 0);
      const moved = {
        licenses: units,
        productInstances: instances.length,
        children: children.length,
        tokensRevoked: heir === null ? 0 : tokens.length,
      };
      account.places.delete(id);
      for (const child of children) child.parentId = heir;
      for (const token of heir === null ? [] : tokens) token.revoked = true;
      for (const line of lines) line.place = heir ?? line.place;
      for (const instance of instances) instance.place = heir ?? instance.place;
      const entries = held.flatMap(({ lotId, state, quantity }): BookEntry[] => [
        { lotId, place: id, state, delta: -quantity },
        { lotId, place: heir, state, delta: quantity },
      ]);
      if (entries.length > 0) {
        const movementId = `deletion of ${id}`;
        enterMovement(account, { movementId, kind: 'transfer', at, undoOf: null, undoneBy: null, entries });
      }
      account.holdings.delete(id);
      return difference('what moved', moved, parsed<AnswerOf<typeof deleteVirtualAccount>>(text).moved);
    },
  };
}

/** Whether the children may come to the heir, asked in the order of their names; the one that goes frees its own. */
function refusalOfHeir(account: BookAccount, doomed: string, heir: string, children: readonly BookPlace[]) {
  const taken = childrenOf(account, heir).filter(({ id }) => id !== doomed);
  const nameOf = ({ name }: BookPlace) => name.toLowerCase();
  for (const child of [...children].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))) {
    if (depthOf(account, heir) + heightOf(account, child.id) > deepest) return 'nested-too-deep';
    if (taken.some((sibling) => nameOf(sibling) === nameOf(child))) return 'name-taken';
  }
  return undefined;
}
