import {
  cancelOrder,
  correctLot,
  createOrder,
  createSubstitution,
  createToken,
  createVirtualAccount,
  deleteVirtualAccount,
  importOrders,
  moveVirtualAccount,
  removeProductInstance,
  revokeToken,
  shipOrder,
  transferLicenses,
  transferProductInstance,
  undoTransfer,
  updateAccount,
} from '@estover/protocol';
import { type BookAccount, type BookLot, isLiving } from './auditor/books.ts';
import { allPoolsOf } from './auditor/pools.ts';
import type { Clerk } from './clerk.ts';
import { day } from './clock.ts';
import { accountOf, type Catalog, type Company, unknownTag } from './company.ts';
import type { Gateway } from './gateway.ts';
import type { Random } from './random.ts';

/** What people in offices do, drawn from the seed: mostly sensible, some of it mistaken. */
export interface OfficeSetting {
  operator: Clerk;
  gateway: Gateway;
  random: Random;
  catalog: Catalog;
  now(): number;
  newNumber(): number;
}

type Act = (setting: OfficeSetting, company: Company, account: BookAccount) => Promise<unknown>;

const strangerId = '00000000-0000-7000-8000-0000000000ff';
const dateOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

const placeIn = ({ random }: OfficeSetting, account: BookAccount): string =>
  random.pick([...account.places.keys()]);

function lotIn({ random }: OfficeSetting, account: BookAccount): { lot: BookLot; place: string } | undefined {
  const held = [...account.holdings].flatMap(([place, lots]) =>
    [...lots].flatMap(([lotId, { pending, available, expired }]) => {
      const lot = account.lots.get(lotId);
      return lot !== undefined && pending + available + expired > 0 ? [{ lot, place }] : [];
    }),
  );
  return held.length === 0 ? undefined : random.pick(held);
}

const line = (setting: OfficeSetting, company: Company, account: BookAccount) => {
  const { random, catalog, now } = setting;
  const sku = random.chance(0.5) ? random.pick([...catalog.perpetual.values()]) : random.pick(catalog.terms);
  const isTerm = !sku.endsWith('-P');
  const starts = random.chance(0.5) ? undefined : dateOf(now() + random.between(-40, 40) * day);
  return {
    sku: random.chance(0.1) ? random.pick(catalog.bundles) : sku,
    quantity: random.between(1, 12),
    account: company.accountId,
    virtualAccount: placeIn(setting, account),
    ...(isTerm && starts !== undefined ? { startDate: starts } : {}),
    state: random.chance(0.75) ? ('shipped' as const) : ('booked' as const),
  };
};

const order: Act = async (setting, company, account) => {
  const { operator, random, newNumber } = setting;
  const lines = Array.from({ length: random.between(1, 3) }, () => line(setting, company, account));
  const [first] = lines;
  const mistake = random.chance(0.15) ? random.below(4) : undefined;
  if (first !== undefined && mistake === 0) first.sku = 'NO-SUCH-SKU';
  if (first !== undefined && mistake === 1) first.virtualAccount = strangerId;
  if (first !== undefined && mistake === 2) first.account = strangerId;
  const orderNumber = mistake === 3 ? 'START-0-0' : `O-${newNumber()}`;
  await operator.call(createOrder, {
    body: { orderNumber, buyer: 'Buyer', lines },
    dryRun: random.chance(0.1),
  });
};

const importFile: Act = async (setting, company, account) => {
  const { operator, random, newNumber } = setting;
  const rows = Array.from({ length: random.between(2, 5) }, () => {
    const { sku, quantity, virtualAccount, startDate = '', state } = line(setting, company, account);
    return [
      `I-${newNumber()}`,
      'Buyer',
      sku,
      quantity,
      company.accountId,
      virtualAccount,
      startDate,
      state,
    ].join();
  });
  if (random.chance(0.15)) rows.push(`I-${newNumber()},Buyer,NO-SUCH-SKU,1,${company.accountId},,,shipped`);
  const header = 'order_number,buyer,sku,quantity,account,virtual_account,start_date,state';
  await operator.call(importOrders, { body: `${header}\n${rows.join('\n')}\n`, contentType: 'text/csv' });
};

const finishOrder: Act = async ({ operator, random, gateway }) => {
  const open = [...gateway.books().orders.values()].filter(({ lines }) =>
    lines.some(({ state }) => state === 'booked'),
  );
  const any = [...gateway.books().orders.values()];
  const { orderNumber } = random.pick(open.length > 0 && random.chance(0.9) ? open : any);
  const params = { orderNumber };
  if (random.chance(0.7)) await operator.call(shipOrder, { params, body: {} });
  else await operator.call(cancelOrder, { params, body: { reason: 'no longer wanted' } });
};

const transfer: Act = async (setting, { administrator, accountId }, account) => {
  const { random } = setting;
  const found = lotIn(setting, account);
  const from = found?.place ?? placeIn(setting, account);
  const tags = [found?.lot.tag ?? setting.catalog.plain[0] ?? '', random.pick(setting.catalog.plain)];
  const lines = [...new Set(tags)].slice(0, random.between(1, 2)).map((tag) => ({
    tag: random.chance(0.03) ? unknownTag : tag,
    quantity: random.chance(0.1) ? 5000 : random.between(1, 6),
    ...(random.chance(0.3) ? { precedence: 'shortest-term-first' as const } : {}),
  }));
  const named = found !== undefined && random.chance(0.2);
  const quantity = random.between(1, 4);
  const lotLine = {
    tag: found?.lot.tag ?? '',
    quantity,
    lots: [{ lotId: found?.lot.lotId ?? '', quantity }],
  };
  const toVirtualAccountId = random.chance(0.03) ? strangerId : placeIn(setting, account);
  await administrator.call(transferLicenses, {
    params: { accountId },
    body: { fromVirtualAccountId: from, toVirtualAccountId, lines: named ? [lotLine] : lines },
    dryRun: random.chance(0.2),
  });
};

const undo: Act = async ({ random, now }, { administrator, accountId }, account) => {
  const known = [...account.movements.values()].filter(({ movementId }) => !movementId.includes(' '));
  const transfers = known.filter(({ kind, at }) => kind === 'transfer' && at > now() - 8 * day);
  const list = transfers.length > 0 && random.chance(0.9) ? transfers : known;
  if (list.length === 0) return;
  const params = { accountId, movementId: random.pick(list.slice(-12)).movementId };
  await administrator.call(undoTransfer, { params, dryRun: random.chance(0.15) });
};

const correction: Act = async (setting, { accountId }, account) => {
  const found = lotIn(setting, account);
  if (found === undefined) return;
  const { random, operator } = setting;
  const quantity = random.chance(0.15) ? 4000 : random.between(1, 2);
  const body = { lotId: found.lot.lotId, virtualAccountId: found.place, quantity, reason: 'returned' };
  await operator.call(correctLot, { params: { accountId }, body, dryRun: random.chance(0.2) });
};

const token: Act = async (setting, { administrator, accountId }, account) => {
  const { random } = setting;
  await administrator.call(createToken, {
    params: { accountId, virtualAccountId: random.chance(0.03) ? strangerId : placeIn(setting, account) },
    body: {
      expiresInDays: random.pick([1, 7, 30, 90]),
      maximumUses: random.chance(0.6) ? random.between(1, 3) : null,
      exportControlledAllowed: random.chance(0.4),
    },
  });
};

const revocation: Act = async ({ random }, { administrator, accountId }, account) => {
  const tokens = [...account.tokens.values()];
  if (tokens.length < 3) return;
  const { tokenId } = random.pick(tokens.slice(-8));
  await administrator.call(revokeToken, { params: { accountId, tokenId } });
};

const removal: Act = async ({ random }, { administrator, accountId }, account) => {
  const known = [...account.instances.values()];
  const living = known.filter(isLiving);
  if (known.length === 0) return;
  const { instanceId } = random.pick(living.length > 0 && random.chance(0.9) ? living : known);
  await administrator.call(removeProductInstance, {
    params: { accountId, instanceId },
    dryRun: random.chance(0.4),
  });
};

const instanceTransfer: Act = async (setting, { administrator, accountId }, account) => {
  const { random } = setting;
  const known = [...account.instances.values()];
  const living = known.filter(isLiving);
  if (known.length === 0) return;
  const { instanceId } = random.pick(living.length > 0 && random.chance(0.95) ? living : known);
  const body = { toVirtualAccountId: random.chance(0.03) ? strangerId : placeIn(setting, account) };
  await administrator.call(transferProductInstance, {
    params: { accountId, instanceId },
    body,
    dryRun: random.chance(0.15),
  });
};

const makePlace: Act = async (setting, { administrator, accountId }, account) => {
  if (account.places.size > 9) return;
  const { random, newNumber } = setting;
  const name = random.chance(0.1) ? 'North' : `Site ${newNumber()}`;
  const parentId = random.chance(0.3) ? null : placeIn(setting, account);
  await administrator.call(createVirtualAccount, { params: { accountId }, body: { name, parentId } });
};

const nest: Act = async (setting, { administrator, accountId }, account) => {
  const parentId = setting.random.chance(0.3) ? null : placeIn(setting, account);
  const params = { accountId, virtualAccountId: placeIn(setting, account) };
  await administrator.call(moveVirtualAccount, {
    params,
    body: { parentId },
    dryRun: setting.random.chance(0.2),
  });
};

const deletion: Act = async (setting, { administrator, accountId }, account) => {
  const params = { accountId, virtualAccountId: placeIn(setting, account) };
  const query = setting.random.chance(0.8) ? { contentsTo: placeIn(setting, account) } : {};
  const dryRun = account.places.size < 4 || setting.random.chance(0.2);
  await administrator.call(deleteVirtualAccount, { params, query, dryRun });
};

const policy: Act = async ({ random }, { administrator, accountId }) => {
  const sequencePolicy = random.pick(['flag', 'refuse'] as const);
  await administrator.call(updateAccount, { params: { accountId }, body: { sequencePolicy } });
};

const substitution: Act = async ({ random, operator, catalog }) => {
  const tags = [...catalog.plain.slice(0, 4), catalog.exportControlled];
  const body = {
    upperTag: random.pick(tags),
    lowerTag: random.pick(tags),
    upperQuantity: random.between(1, 2),
    lowerQuantity: random.between(1, 3),
    priority: random.between(1, 3),
  };
  await operator.call(createSubstitution, { body });
};

const acts: readonly [number, Act][] = [
  [12, transfer],
  [6, order],
  [2, importFile],
  [4, finishOrder],
  [6, undo],
  [3, correction],
  [4, token],
  [2, revocation],
  [2, removal],
  [4, instanceTransfer],
  [2, makePlace],
  [1, nest],
  [1, deletion],
  [1, policy],
  [1, substitution],
];
const weights = acts.reduce((sum, [weight]) => sum + weight, 0);

/** One thing that somebody in an office does. */
export async function actInOffice(setting: OfficeSetting, company: Company): Promise<void> {
  let drawn = setting.random.below(weights);
  for (const [weight, act] of acts) {
    drawn -= weight;
    if (drawn >= 0) continue;
    await act(setting, company, accountOf(setting.gateway.books(), company));
    return;
  }
}

/** Wants to move units of a lot at the very instant at which its term is over, before any job has seen to it. */
export async function moveEndedLot(setting: OfficeSetting, company: Company, lotId: string): Promise<void> {
  const { accountId, administrator } = company;
  const account = accountOf(setting.gateway.books(), company);
  const tag = account.lots.get(lotId)?.tag ?? '';
  const from = [...account.holdings].find(([, lots]) => (lots.get(lotId)?.available ?? 0) > 0)?.[0];
  if (from === undefined) return;
  const toVirtualAccountId = setting.random.pick([...account.places.keys()].filter((id) => id !== from));
  const lines = [{ tag, quantity: 1, lots: [{ lotId, quantity: 1 }] }];
  const body = { fromVirtualAccountId: from, toVirtualAccountId, lines };
  await administrator.call(transferLicenses, { params: { accountId }, body });
}

/** How an office sees to what is short: which part of it at a time, and how many units it buys to spare at most. */
export interface ShortageCare {
  share: number;
  spare: number;
}

/** Buys what is short, as administrators do who look at their alerts; some of it later. */
export async function mendShortages(
  setting: OfficeSetting,
  company: Company,
  { share, spare }: ShortageCare,
): Promise<void> {
  const { operator, random, catalog, newNumber, gateway } = setting;
  const books = gateway.books();
  for (const [key, { state, balance }] of allPoolsOf(books, accountOf(books, company))) {
    if (state !== 'out-of-compliance' || !random.chance(share)) continue;
    const [virtualAccount = '', tag = ''] = key.split(' ');
    const sku = catalog.perpetual.get(tag) ?? '';
    const quantity = -balance + random.between(0, spare);
    const lines = [{ sku, quantity, account: company.accountId, virtualAccount }];
    await operator.call(createOrder, { body: { orderNumber: `M-${newNumber()}`, buyer: 'Buyer', lines } });
  }
}
