/** So many accounts are remembered, the last one first. */
const most = 6;

/** Each person has their own list, as several may share a browser. */
const keyOf = (personId: string): string => `estover.recent-accounts.${personId}`;

/** Ids of the accounts that the person looked at last in this browser, the last one first. */
export function recentAccounts(personId: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(personId)) ?? '[]');
    return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string').slice(0, most) : [];
  } catch {
    // A browser that keeps nothing remembers nothing.
    return [];
  }
}

/** Remembers that the person looks at an account. */
export function rememberAccount(personId: string, accountId: string): void {
  const before = recentAccounts(personId);
  if (before[0] === accountId) return;
  const ids = [accountId, ...before.filter((id) => id !== accountId)].slice(0, most);
  try {
    localStorage.setItem(keyOf(personId), JSON.stringify(ids));
  } catch {
    // Nothing is lost but a convenience.
  }
}
