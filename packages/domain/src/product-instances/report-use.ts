/** What is known of a license that an instance names by its tag. */
export interface NamedLicense {
  licenseId: string;
  exportControlled: boolean;
}

/** A tag as an instance last reported it; `licenseId` is null when it counted nowhere. */
export interface KnownUse {
  licenseId: string | null;
  count: number;
}

/**
 * How a reported tag counts: `counted` in the pool of its license; `invalid-tag` when the catalog does not know it;
 * `disabled` when the license is export-controlled and this instance may not use such.
 */
export type Standing = 'counted' | 'invalid-tag' | 'disabled';

export interface ReportedUse {
  tag: string;
  count: number;
  standing: Standing;
  /** Null unless it counts. */
  licenseId: string | null;
}

/** A change of what an instance counts for in a pool. */
export interface UseChange {
  licenseId: string;
  from: number;
  to: number;
}

export interface UseDecision {
  /** Every reported tag, in the order of the report. */
  reported: ReportedUse[];
  /** What to keep differently: reported tags that changed, and at zero what is not in use any more. */
  kept: { tag: string; licenseId: string | null; count: number }[];
  changes: UseChange[];
}

/**
 * Takes the whole of what an instance says it uses (docs/protocol.md, section 5): absolute counts; a tag that is not
 * named is not in use. A report without change decides nothing.
 */
export function decideUse(
  known: ReadonlyMap<string, KnownUse>,
  report: readonly { tag: string; count: number }[],
  licenses: ReadonlyMap<string, NamedLicense>,
  exportControlledAllowed: boolean,
): UseDecision {
  const reported = report.map(({ tag, count }): ReportedUse => {
    const license = licenses.get(tag);
    if (license === undefined) return { tag, count, standing: 'invalid-tag', licenseId: null };
    if (license.exportControlled && !exportControlledAllowed) {
      return { tag, count, standing: 'disabled', licenseId: null };
    }
    return { tag, count, standing: 'counted', licenseId: license.licenseId };
  });
  const named = new Set(reported.map(({ tag }) => tag));
  const dropped = [...known.keys()]
    .filter((tag) => !named.has(tag))
    .map((tag) => ({ tag, count: 0, licenseId: null }));
  const kept: UseDecision['kept'] = [];
  const changes: UseChange[] = [];
  for (const { tag, count, licenseId } of [...reported, ...dropped]) {
    const earlier = known.get(tag);
    if (earlier === undefined && count === 0) continue;
    if (earlier !== undefined && count > 0 && earlier.count === count && earlier.licenseId === licenseId)
      continue;
    kept.push({ tag, licenseId, count });
    changes.push(...changesOf(earlier, { licenseId, count }));
  }
  return { reported, kept, changes };
}

/** A tag that begins or ceases to count changes as if its use began or ended. */
function changesOf(earlier: KnownUse | undefined, later: KnownUse): UseChange[] {
  const from = earlier?.licenseId === null ? 0 : (earlier?.count ?? 0);
  const before = earlier?.licenseId ?? null;
  const after = later.count === 0 ? before : later.licenseId;
  if (before === after || before === null) {
    return after === null || from === later.count ? [] : [{ licenseId: after, from, to: later.count }];
  }
  const ended = from === 0 ? [] : [{ licenseId: before, from, to: 0 }];
  return after === null ? ended : [...ended, { licenseId: after, from: 0, to: later.count }];
}
