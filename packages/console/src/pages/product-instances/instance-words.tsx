import type { instanceLicenseState, productInstance } from '@estover/protocol';
import type { z } from 'zod';
import { formatShortDay } from '../../format.ts';
import { StatePill, type Tone } from '../../parts/figures.tsx';

export type ProductInstance = z.infer<typeof productInstance>;
type InstanceState = ProductInstance['state'];
type Authorization = ProductInstance['authorization'];
type LicenseState = z.infer<typeof instanceLicenseState>;

export const instanceStates: Record<InstanceState, { label: string; tone: Tone }> = {
  registered: { label: 'Registered', tone: 'ok' },
  'authorization-expired': { label: 'Silent for 90 days', tone: 'bad' },
  'certificate-ended': { label: 'Certificate ended', tone: 'bad' },
  removed: { label: 'Removed', tone: 'neutral' },
  deregistered: { label: 'Deregistered', tone: 'neutral' },
  replaced: { label: 'Replaced', tone: 'neutral' },
};

export const authorizations: Record<Authorization, { label: string; tone: Tone }> = {
  authorized: { label: 'Authorized', tone: 'ok' },
  'out-of-compliance': { label: 'Out of compliance', tone: 'bad' },
  'authorization-expired': { label: 'Authorization expired', tone: 'bad' },
  'no-licenses-in-use': { label: 'No licenses in use', tone: 'neutral' },
};

export const licenseStates: Record<LicenseState, { label: string; tone: Tone }> = {
  'in-compliance': { label: 'In compliance', tone: 'ok' },
  overage: { label: 'Overage', tone: 'warn' },
  'out-of-compliance': { label: 'Out of compliance', tone: 'bad' },
  'authorization-expired': { label: 'Authorization expired', tone: 'bad' },
  'invalid-tag': { label: 'Unknown tag', tone: 'bad' },
  disabled: { label: 'Export-controlled, not allowed', tone: 'bad' },
};

/** Whether it still counts: it is registered, or was and fell silent. */
export const isHere = (instance: ProductInstance): boolean =>
  instance.state === 'registered' || instance.state === 'authorization-expired';

/** The one fact about an instance that matters most: that it left, is overdue, or how it stands with its licenses. */
export function InstancePill({ instance }: { instance: ProductInstance }) {
  if (instance.state !== 'registered') {
    const { label, tone } = instanceStates[instance.state];
    return <StatePill tone={tone}>{label}</StatePill>;
  }
  const { label, tone } = authorizations[instance.authorization];
  const overdue = instance.nextContactBy !== null && Date.parse(instance.nextContactBy) < Date.now();
  if (tone !== 'bad' && overdue && instance.nextContactBy !== null) {
    return <StatePill tone="warn">Overdue since {formatShortDay(instance.nextContactBy)}</StatePill>;
  }
  return <StatePill tone={tone}>{label}</StatePill>;
}
