/** An account administrator's grant for the whole account, their own or by a group; `grantId` is the group's then. */
export interface AdministratorGrant {
  readonly grantId: string;
  readonly personId: string;
  /** Whether it ends by itself some day. */
  readonly expires: boolean;
  /** Whether the person has a password; somebody only invited may never come. */
  readonly canSignIn: boolean;
}

/**
 * Whether administrators may lose the role, one or, with a group, several at once: somebody must stay who is
 * administrator without an end, and who can sign in if one of the leaving could (seed 003: the last administrator cannot
 * leave). A person who has the role twice, by a grant and by a group, leaves only with both.
 *
 * @param leaves which of the grants would go
 */
export function administratorsMayLeave(
  leaves: (grant: AdministratorGrant) => boolean,
  administrators: readonly AdministratorGrant[],
): boolean {
  const lasting = administrators.filter(({ expires }) => !expires);
  const leaving = lasting.filter(leaves);
  if (leaving.length === 0) return true;
  const mustSignIn = leaving.some(({ canSignIn }) => canSignIn);
  return lasting.some((each) => !leaves(each) && (each.canSignIn || !mustSignIn));
}
