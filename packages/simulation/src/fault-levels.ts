import type { ServerTrouble } from './gateway.ts';
import { type LineTrouble, noTrouble } from './network.ts';

/** How much goes wrong in a world. */
export const faultLevelNames = ['none', 'some', 'many'] as const;
export type FaultLevel = (typeof faultLevelNames)[number];

interface Trouble {
  line: LineTrouble;
  server: ServerTrouble;
  /** Of all days, on which nobody reaches the server for some hours. */
  cutDays: number;
}

export const faultLevels: Readonly<Record<FaultLevel, Trouble>> = {
  none: { line: noTrouble, server: { crash: 0, slow: 0 }, cutDays: 0 },
  some: {
    line: { requestLost: 0.01, replyLost: 0.02, doubled: 0.02, late: 0.015, mixedUp: 0.005, forged: 0.002 },
    server: { crash: 0.002, slow: 0.02 },
    cutDays: 0.02,
  },
  many: {
    line: { requestLost: 0.05, replyLost: 0.08, doubled: 0.06, late: 0.05, mixedUp: 0.03, forged: 0.02 },
    server: { crash: 0.05, slow: 0.1 },
    cutDays: 0.05,
  },
};
