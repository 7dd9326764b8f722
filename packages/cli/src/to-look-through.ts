/** More than these are counted; the lists in the pages show them all. */
const mostNamed = 50;

interface Named {
  kind: string;
  name: string;
  prefix: string;
  accountName: string | null;
}

/** What a person must look through, because the backup doesn't know whether it was revoked since; names are of people. */
export function toLookThrough(secrets: readonly Named[]): string[] {
  if (secrets.length === 0) return [];
  const lines = secrets
    .slice(0, mostNamed)
    .map(
      ({ kind, name, prefix, accountName }) =>
        `  ${accountName ?? 'the platform'}: ${kind} ${prefix} (${name})`,
    )
    .map((line) => line.replaceAll(/\p{Cc}/gu, ' '));
  const more = secrets.length - lines.length;
  return [
    'These work as they did then, also if they were revoked since. Revoke again those that should not:',
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
