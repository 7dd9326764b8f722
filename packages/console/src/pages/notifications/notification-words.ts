import {
  type Cadence,
  type DigestHours,
  type SubscribedKindName,
  subscribedKind,
} from '@estover/domain/notifications';

export const cadenceWords: Record<Cadence, string> = {
  immediate: 'At once',
  daily: 'Once a day',
  weekly: 'Once a week',
  off: 'Not by mail',
};

export const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

export const hourInWords = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

/** When digests come: "at 07:00 UTC, weekly ones on Mondays". */
export const hoursInWords = ({ timeZone, hour, weekday }: DigestHours): string =>
  `at ${hourInWords(hour)}${timeZone === null || timeZone === 'UTC' ? ' UTC' : ` in ${timeZone}`}, weekly ones on ${weekdays[weekday - 1]}s`;

/** What an added address hears of: "Orders, Licenses short". */
export const kindsInWords = (kinds: readonly { kind: SubscribedKindName }[]): string =>
  kinds.length === 0 ? 'Nothing' : kinds.map(({ kind }) => subscribedKind(kind).name).join(', ');
