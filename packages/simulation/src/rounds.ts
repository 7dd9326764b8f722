import {
  createToken,
  removeProductInstance,
  transferLicenses,
  transferProductInstance,
  undoTransfer,
} from '@estover/protocol';
import { isLiving } from './auditor/books.ts';
import { accountOf, type Company, must } from './company.ts';
import type { Gateway } from './gateway.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import type { SimulatedAgent } from './simulated-agent.ts';

/** What may happen at once in one account. Statements meet in many orders; the auditor looks for one that explains all. */
export interface RoundSetting {
  gateway: Gateway;
  network: Network;
  random: Random;
  /** Registered agents of the account that are switched on. */
  registered(company: Company): SimulatedAgent[];
  /** Makes agents that nobody knows yet; they are thrown away again after some days. */
  newcomers(company: Company, count: number): Promise<SimulatedAgent[]>;
  newNumber(): number;
}

type Round = (setting: RoundSetting, company: Company) => Promise<(() => Promise<unknown>)[]>;

/** Places with something available, as `place tag units`. */
function stock({ gateway }: RoundSetting, company: Company): { place: string; tag: string; units: number }[] {
  const account = accountOf(gateway.books(), company);
  const sums = new Map<string, { place: string; tag: string; units: number }>();
  for (const [place, lots] of account.holdings) {
    for (const [lotId, { available }] of lots) {
      const tag = account.lots.get(lotId)?.tag ?? '';
      const key = `${place} ${tag}`;
      sums.set(key, { place, tag, units: (sums.get(key)?.units ?? 0) + available });
    }
  }
  return [...sums.values()].filter(({ units }) => units > 1);
}

/** Everybody wants the last units. */
const lastUnits: Round = async (setting, company) => {
  const { random, gateway } = setting;
  const list = stock(setting, company);
  if (list.length === 0) return [];
  const { place, tag, units } = random.pick(list);
  const { administrator, accountId } = company;
  const others = [...accountOf(gateway.books(), company).places.keys()].filter((id) => id !== place);
  return Array.from({ length: random.between(2, 4) }, () => {
    const body = {
      fromVirtualAccountId: place,
      toVirtualAccountId: random.pick(others),
      lines: [{ tag, quantity: Math.max(1, Math.ceil(units / random.between(1, 2))) }],
    };
    return () => administrator.call(transferLicenses, { params: { accountId }, body });
  });
};

/** A gives to B while B gives to A. */
const crossing: Round = async (setting, company) => {
  const { random } = setting;
  const list = stock(setting, company);
  const one = list.length === 0 ? undefined : random.pick(list);
  const other = list.filter(({ place }) => place !== one?.place);
  if (one === undefined || other.length === 0) return [];
  const two = random.pick(other);
  const { administrator, accountId } = company;
  const move = (from: string, to: string, tag: string) => () =>
    administrator.call(transferLicenses, {
      params: { accountId },
      body: {
        fromVirtualAccountId: from,
        toVirtualAccountId: to,
        lines: [{ tag, quantity: random.between(1, 3) }],
      },
    });
  return [
    move(one.place, two.place, one.tag),
    move(two.place, one.place, two.tag),
    move(one.place, two.place, one.tag),
    move(two.place, one.place, two.tag),
  ];
};

/** The same request twice at once, with the same key. */
const twice: Round = async (setting, company) => {
  const { random, gateway, newNumber } = setting;
  const list = stock(setting, company);
  if (list.length === 0) return [];
  const { place, tag } = random.pick(list);
  const { administrator, accountId } = company;
  const to = random.pick([...accountOf(gateway.books(), company).places.keys()].filter((id) => id !== place));
  const idempotencyKey = `twice-${newNumber()}`;
  const body = { fromVirtualAccountId: place, toVirtualAccountId: to, lines: [{ tag, quantity: 1 }] };
  const send = () => administrator.call(transferLicenses, { params: { accountId }, body, idempotencyKey });
  return [send, send];
};

/** The same transfer is undone by two people. */
const undoneTwice: Round = async (setting, company) => {
  const { random, gateway } = setting;
  const list = stock(setting, company);
  if (list.length === 0) return [];
  const { place, tag } = random.pick(list);
  const { administrator, accountId } = company;
  const to = random.pick([...accountOf(gateway.books(), company).places.keys()].filter((id) => id !== place));
  const params = { accountId };
  const body = { fromVirtualAccountId: place, toVirtualAccountId: to, lines: [{ tag, quantity: 1 }] };
  const made = await administrator.call(transferLicenses, { params, body });
  if (!made.ok) return [];
  const { movementId } = made.answer.movement;
  const take = () => administrator.call(undoTransfer, { params: { accountId, movementId } });
  return [take, take];
};

/** Agents of one account report at once, so that reports are decided in batches. */
const reports: Round = async (setting, company) => {
  const { random } = setting;
  const agents = setting.registered(company).slice(0, random.between(2, 4));
  return agents.map((agent) => async () => {
    const tag = agent.status().licenses[0]?.tag;
    if (tag !== undefined) await agent.act((product) => product.request(tag, random.between(1, 5)));
    await agent.act((product) => product.renewAuthorization());
  });
};

/** The use of a license changes where units of it are taken away and brought in. */
const useWhileMoving: Round = async (setting, company) => {
  const { random, gateway } = setting;
  const [agent] = setting.registered(company);
  const account = accountOf(gateway.books(), company);
  const instance = account.instances.get(agent?.status().registration.instanceId ?? '');
  const own = stock(setting, company).filter(({ place }) => place === instance?.place);
  if (agent === undefined || own.length === 0) return [];
  const { place, tag } = random.pick(own);
  const { administrator, accountId } = company;
  const others = [...account.places.keys()].filter((id) => id !== place);
  const count = random.between(1, 9);
  const body = {
    fromVirtualAccountId: place,
    toVirtualAccountId: random.pick(others),
    lines: [{ tag, quantity: 1 }],
  };
  return [
    async () => {
      await agent.act((product) => product.request(tag, count));
      await agent.act((product) => product.renewAuthorization());
    },
    () => administrator.call(transferLicenses, { params: { accountId }, body }),
    () => administrator.call(transferLicenses, { params: { accountId }, body }),
  ];
};

/** An instance is removed, or moved, while it reports. */
const removedWhileReporting: Round = async (setting, company) => {
  const { random, gateway } = setting;
  const [agent] = setting.registered(company);
  const account = accountOf(gateway.books(), company);
  const instance = account.instances.get(agent?.status().registration.instanceId ?? '');
  if (agent === undefined || instance === undefined || !isLiving(instance)) return [];
  const { administrator, accountId } = company;
  const params = { accountId, instanceId: instance.instanceId };
  const toVirtualAccountId = random.pick([...account.places.keys()]);
  return [
    () => agent.act((product) => product.renewAuthorization()),
    random.chance(0.5)
      ? () => administrator.call(removeProductInstance, { params })
      : () => administrator.call(transferProductInstance, { params, body: { toVirtualAccountId } }),
  ];
};

/** More products than a token has uses left want to register with it. */
const lastUse: Round = async (setting, company) => {
  const { random, gateway } = setting;
  const maximumUses = random.between(1, 3);
  const agents = await setting.newcomers(company, maximumUses + 2);
  const { administrator, accountId } = company;
  const virtualAccountId = random.pick([...accountOf(gateway.books(), company).places.keys()]);
  const { secret } = await must(
    administrator.call(createToken, {
      params: { accountId, virtualAccountId },
      body: { expiresInDays: 1, maximumUses },
    }),
  );
  return agents.map((agent) => () => agent.act((product) => product.register(secret, { force: true })));
};

const rounds: readonly Round[] = [
  lastUnits,
  lastUnits,
  crossing,
  twice,
  undoneTwice,
  reports,
  reports,
  useWhileMoving,
  useWhileMoving,
  removedWhileReporting,
  lastUse,
];

/** Lets some requests of a company run at once. */
export async function runRound(setting: RoundSetting, company: Company): Promise<void> {
  const { random, gateway, network } = setting;
  await network.quietly(async () => {
    const acts = await random.pick(rounds)(setting, company);
    if (acts.length < 2) return;
    await gateway.together(company.accountId, () => Promise.all(acts.map((act) => act())));
  });
}
