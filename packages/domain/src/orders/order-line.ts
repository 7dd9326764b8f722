import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';

/**
 * Where an order line stands (specification `licenses-and-orders.md`, "Orders").
 * booked: taken in · on-hold: waits for its account to be active · shipped: on the way, or held at a holding account ·
 * delivered: its licenses are in the account · cancelled: will not be delivered · returned: was delivered and came back.
 */
export const ORDER_LINE_STATES = [
  'booked',
  'on-hold',
  'shipped',
  'delivered',
  'cancelled',
  'returned',
] as const;
export type OrderLineState = (typeof ORDER_LINE_STATES)[number];

/** What can happen to a line. `hold`: its account is not active; `release`: it is, and the line has not shipped. */
export const ORDER_LINE_EVENTS = ['ship', 'hold', 'release', 'deliver', 'cancel', 'return'] as const;
export type OrderLineEvent = (typeof ORDER_LINE_EVENTS)[number];

/** Every state with every event: the state after it, or null where the event cannot happen. */
const lifecycle: Readonly<Record<OrderLineState, Readonly<Record<OrderLineEvent, OrderLineState | null>>>> = {
  booked: {
    ship: 'shipped',
    hold: 'on-hold',
    release: null,
    deliver: null,
    cancel: 'cancelled',
    return: null,
  },
  'on-hold': {
    ship: 'shipped',
    hold: null,
    release: 'booked',
    deliver: null,
    cancel: 'cancelled',
    return: null,
  },
  shipped: {
    ship: null,
    hold: 'on-hold',
    release: null,
    deliver: 'delivered',
    cancel: 'cancelled',
    return: null,
  },
  delivered: {
    ship: null,
    hold: null,
    release: null,
    deliver: null,
    cancel: null,
    return: 'returned',
  },
  cancelled: { ship: null, hold: null, release: null, deliver: null, cancel: null, return: null },
  returned: { ship: null, hold: null, release: null, deliver: null, cancel: null, return: null },
};

/** Whether the event can happen to a line in this state. */
export const can = (state: OrderLineState, event: OrderLineEvent): boolean =>
  lifecycle[state][event] !== null;

export type OrderLineRefusal = Refusal<
  'order-line-state',
  { readonly state: OrderLineState; readonly event: OrderLineEvent }
>;

/** The state after an event, or the refusal that names both. */
export function nextState(
  state: OrderLineState,
  event: OrderLineEvent,
): Decision<OrderLineState, OrderLineRefusal> {
  const next = lifecycle[state][event];
  return next === null ? refuse('order-line-state', { state, event }) : accept(next);
}

/**
 * What an account does with a line that ships: it takes its licenses; it holds the line for somebody else, as a holding
 * account does, where licenses can never be used; or the line waits for it.
 */
export type LineAccount = 'delivers' | 'holds' | 'waits';

/** What is to happen to a line, and what its account does with it now. */
export interface ShippingFacts {
  readonly state: OrderLineState;
  readonly account: LineAccount;
}

/**
 * The states a line goes through when it ships: delivered at once into an active account, shipped and no more at a holding
 * account, else on hold. A line that is on hold for an account that is still not active is refused: nothing would change.
 */
export function shipLine(facts: ShippingFacts): Decision<readonly OrderLineState[], OrderLineRefusal> {
  const shipped = nextState(facts.state, 'ship');
  if (!shipped.ok) return shipped;
  if (facts.state === 'on-hold' && facts.account === 'waits') {
    return refuse('order-line-state', { state: facts.state, event: 'ship' as const });
  }
  if (facts.account === 'holds') return accept([shipped.value]);
  const after = nextState(shipped.value, facts.account === 'delivers' ? 'deliver' : 'hold');
  if (!after.ok) return after;
  return accept([shipped.value, after.value]);
}

/** The states a new line goes through when it is booked, and shipped at the same time if `ship`. */
export function bookLine(facts: { ship: boolean; account: LineAccount }): readonly OrderLineState[] {
  if (facts.ship) {
    const shipped = shipLine({ state: 'booked', account: facts.account });
    return shipped.ok ? ['booked', ...shipped.value] : ['booked'];
  }
  return facts.account === 'waits' ? ['booked', 'on-hold'] : ['booked'];
}

/**
 * The state of a line that waited for its account, once that is active: delivered, or held at a holding account, if it has
 * shipped, else booked like any other. Null for a line that did not wait, or waits on.
 */
export function releaseLine(facts: {
  state: OrderLineState;
  hasShipped: boolean;
  account: LineAccount;
}): OrderLineState | null {
  if (facts.state !== 'on-hold' || facts.account === 'waits') return null;
  if (!facts.hasShipped) return lifecycle['on-hold'].release;
  const shipped = shipLine({ state: 'on-hold', account: facts.account });
  return shipped.ok ? (shipped.value.at(-1) ?? null) : null;
}
