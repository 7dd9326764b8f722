/** A registration of the same product id and serial number that the server still has. */
export interface EarlierRegistration {
  instanceId: string;
  virtualAccountId: string;
}

export type RegistrationDecision =
  | { ok: true; replaces: undefined }
  | { ok: true; replaces: EarlierRegistration; alert: 'duplicate-instance' | undefined }
  | { ok: false; code: 'already-registered'; earlier: EarlierRegistration };

/**
 * Same product id and serial number again: without `force` it is refused; with it the earlier registration is
 * replaced, and when that one is in another virtual account it is alerted as a duplicate (seed 001).
 */
export function decideRegistration(request: {
  force: boolean;
  virtualAccountId: string;
  earlier: EarlierRegistration | undefined;
}): RegistrationDecision {
  const { earlier, force, virtualAccountId } = request;
  if (earlier === undefined) return { ok: true, replaces: undefined };
  if (!force) return { ok: false, code: 'already-registered', earlier };
  const elsewhere = earlier.virtualAccountId !== virtualAccountId;
  return { ok: true, replaces: earlier, alert: elsewhere ? 'duplicate-instance' : undefined };
}
