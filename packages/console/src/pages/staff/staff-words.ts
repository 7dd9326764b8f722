import type { PlatformRole } from '@estover/domain/access';
import type { AnswerOf, listStaff } from '@estover/protocol';
import { count, formatDay } from '../../format.ts';

export type Staff = AnswerOf<typeof listStaff>;
export type StaffPerson = Staff['items'][number];

export const platformRoleNames: Record<PlatformRole, string> = {
  operator: 'Operator',
  'order-desk': 'Order desk',
  'legal-reviewer': 'Legal reviewer',
  support: 'Support',
};

/** "Operator, Support until 31 Dec 2026". */
export const rolesInWords = ({ roles }: Pick<StaffPerson, 'roles'>): string =>
  roles
    .map(
      ({ role, until }) => `${platformRoleNames[role]}${until === null ? '' : ` until ${formatDay(until)}`}`,
    )
    .join(', ');

/** The sentence above the staff. */
export function staffInWords({
  people,
  withoutSecondFactor,
  settings,
}: Pick<Staff, 'people' | 'withoutSecondFactor' | 'settings'>): string {
  const all = `${count(people, 'person', 'people')} of the publisher ${people === 1 ? 'has' : 'have'} a platform role`;
  if (withoutSecondFactor === 0) return `${all}, all with a second factor.`;
  const some = `${withoutSecondFactor} without a second factor`;
  return settings.secondFactorRequired
    ? `${all}; ${some}, whose roles wait until they set one up.`
    : `${all}; ${some}.`;
}
