/** The mark: three logs tied into an E, the estover. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" focusable="false">
      <rect x="4" y="3.5" width="17" height="4" rx="2" fill="var(--e-log-1)" />
      <rect x="4" y="10" width="13" height="4" rx="2" fill="var(--e-log-2)" />
      <rect x="4" y="16.5" width="17" height="4" rx="2" fill="var(--e-log-1)" />
      <rect x="6.4" y="2" width="3" height="20" rx="1.5" fill="var(--e-cord)" />
    </svg>
  );
}
