/** An account administrator's grant for the whole account. */
export interface AdministratorGrant {
  readonly grantId: string;
  readonly personId: string;
  /** Whether it ends by itself some day. */
  readonly expires: boolean;
  /** Whether the person has a password; somebody only invited may never come. */
  readonly canSignIn: boolean;
}

/**
 * Whether an administrator's grant may be taken away: somebody must stay who is administrator without an end, and
 * who can sign in if the leaving one could (seed 003: the last administrator cannot leave).
 */
export function administratorMayLeave(
  grantId: string,
  administrators: readonly AdministratorGrant[],
): boolean {
  const leaving = administrators.find((each) => each.grantId === grantId);
  if (leaving === undefined || leaving.expires) return true;
  return administrators.some(
    (each) => each.grantId !== grantId && !each.expires && (each.canSignIn || !leaving.canSignIn),
  );
}
