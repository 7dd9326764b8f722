/** What is told of the end of a role, by mail: twice before, and when it has ended. */
export const roleEndNotices = ['14-days', '3-days', 'ended'] as const;
export type RoleEndNotice = (typeof roleEndNotices)[number];

/** How many days before the end each is told. */
export const noticeDays: Record<RoleEndNotice, number> = { '14-days': 14, '3-days': 3, ended: 0 };

/** An end that nobody was told of for so many days is old news: a server was away, or the role came with a restore. */
export const endedToldForDays = 7;

/**
 * What is to be told of a role now: the latest notice whose time has come, and only once. A role that was given for a
 * shorter time than a notice is ahead needs none: whoever got it just read when it ends.
 *
 * @param told what was told before of this end
 */
export function dueNotice(
  role: { givenAt: Temporal.Instant; until: Temporal.Instant },
  told: readonly RoleEndNotice[],
  now: Temporal.Instant,
): RoleEndNotice | null {
  const come = roleEndNotices.filter((notice) => {
    const at = role.until.subtract({ hours: 24 * noticeDays[notice] });
    return Temporal.Instant.compare(at, now) <= 0 && Temporal.Instant.compare(role.givenAt, at) <= 0;
  });
  const latest = come.at(-1);
  if (latest === undefined || told.includes(latest)) return null;
  const oldAt = role.until.add({ hours: 24 * endedToldForDays });
  return latest === 'ended' && Temporal.Instant.compare(oldAt, now) <= 0 ? null : latest;
}
