import { type SubscribedKindName, subscribedKind } from '@estover/domain/notifications';

/** `“Licenses short” and “Orders”`. */
export function kindsInWords(kinds: readonly SubscribedKindName[]): string {
  const names = kinds.map((kind) => `“${subscribedKind(kind).name}”`);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
