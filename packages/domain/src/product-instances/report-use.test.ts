import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdmissionFacts, admitMessage } from './admit.ts';
import { decideUse, type KnownUse, type NamedLicense } from './report-use.ts';
import { type TokenFacts, tokenStateAt } from './tokens.ts';

const licenses = new Map<string, NamedLicense>([
  ['a', { licenseId: 'A', exportControlled: false }],
  ['b', { licenseId: 'B', exportControlled: false }],
  ['crypto', { licenseId: 'C', exportControlled: true }],
]);
const use = (entries: Record<string, [string | null, number]>): Map<string, KnownUse> =>
  new Map(Object.entries(entries).map(([tag, [licenseId, count]]) => [tag, { licenseId, count }]));

describe('the use that an instance reports', () => {
  it('counts from nothing', () => {
    const decision = decideUse(new Map(), [{ tag: 'a', count: 2 }], licenses, false);
    expect(decision.changes).toEqual([{ licenseId: 'A', from: 0, to: 2 }]);
    expect(decision.kept).toEqual([{ tag: 'a', licenseId: 'A', count: 2 }]);
  });

  it('changes nothing when it is what was known', () => {
    const known = use({ a: ['A', 2], x: [null, 1] });
    const report = [
      { tag: 'x', count: 1 },
      { tag: 'a', count: 2 },
      { tag: 'b', count: 0 },
    ];
    expect(decideUse(known, report, licenses, false)).toMatchObject({ kept: [], changes: [] });
  });

  it('ends for a tag that is not named', () => {
    const decision = decideUse(use({ a: ['A', 2], b: ['B', 1] }), [{ tag: 'b', count: 1 }], licenses, false);
    expect(decision.changes).toEqual([{ licenseId: 'A', from: 2, to: 0 }]);
    expect(decision.kept).toEqual([{ tag: 'a', licenseId: null, count: 0 }]);
  });

  it('keeps an unknown tag and counts it nowhere', () => {
    const decision = decideUse(new Map(), [{ tag: 'x', count: 3 }], licenses, true);
    expect(decision.reported).toEqual([{ tag: 'x', count: 3, standing: 'invalid-tag', licenseId: null }]);
    expect(decision).toMatchObject({ kept: [{ tag: 'x', licenseId: null, count: 3 }], changes: [] });
  });

  it('counts an unknown tag as soon as the catalog knows it', () => {
    const decision = decideUse(use({ a: [null, 3] }), [{ tag: 'a', count: 3 }], licenses, false);
    expect(decision.changes).toEqual([{ licenseId: 'A', from: 0, to: 3 }]);
  });

  it('is disabled for what is export-controlled where it is not allowed, and is given back if it was', () => {
    const report = [{ tag: 'crypto', count: 1 }];
    expect(decideUse(new Map(), report, licenses, false)).toMatchObject({
      reported: [{ standing: 'disabled', licenseId: null }],
      changes: [],
    });
    expect(decideUse(new Map(), report, licenses, true).changes).toEqual([
      { licenseId: 'C', from: 0, to: 1 },
    ]);
    expect(decideUse(use({ crypto: ['C', 1] }), report, licenses, false).changes).toEqual([
      { licenseId: 'C', from: 1, to: 0 },
    ]);
  });

  it('comes back after a silence: rows at zero count again', () => {
    const decision = decideUse(use({ a: ['A', 0] }), [{ tag: 'a', count: 2 }], licenses, false);
    expect(decision.changes).toEqual([{ licenseId: 'A', from: 0, to: 2 }]);
  });

  it('sums up: what counts after any report is what was reported, whatever was known', () => {
    const tags = ['a', 'b', 'crypto', 'x', 'y'];
    const knownOf = fc.dictionary(
      fc.constantFrom(...tags),
      fc.record({ counted: fc.boolean(), count: fc.integer({ min: 0, max: 5 }) }),
    );
    const report = fc.uniqueArray(
      fc.record({ tag: fc.constantFrom(...tags), count: fc.integer({ min: 0, max: 5 }) }),
      { selector: ({ tag }) => tag },
    );
    fc.assert(
      fc.property(knownOf, report, fc.boolean(), (stored, told, allowed) => {
        const known = new Map(
          Object.entries(stored).map(([tag, { counted, count }]) => [
            tag,
            { licenseId: counted ? (licenses.get(tag)?.licenseId ?? null) : null, count },
          ]),
        );
        const { changes, kept } = decideUse(known, told, licenses, allowed);
        const counts = new Map<string, number>();
        for (const { licenseId, count } of known.values()) {
          if (licenseId !== null) counts.set(licenseId, (counts.get(licenseId) ?? 0) + count);
        }
        for (const { licenseId, from, to } of changes) {
          expect(counts.get(licenseId) ?? 0).toBe(from);
          expect(from).not.toBe(to);
          counts.set(licenseId, to);
        }
        const after = new Map([...known].map(([tag, row]) => [tag, { ...row }]));
        for (const { tag, licenseId, count } of kept) after.set(tag, { licenseId, count });
        for (const tag of tags) {
          const license = licenses.get(tag);
          const count = told.find((one) => one.tag === tag)?.count ?? 0;
          const counted = license !== undefined && (allowed || !license.exportControlled);
          if (license !== undefined) expect(counts.get(license.licenseId) ?? 0).toBe(counted ? count : 0);
          expect(after.get(tag)?.count ?? 0).toBe(count);
        }
      }),
    );
  });
});

describe('a message of a registered instance', () => {
  const now = Temporal.Instant.from('2026-11-22T12:00:00Z');
  const facts: AdmissionFacts = {
    state: 'registered',
    certificateExpiresAt: now.add({ hours: 1 }),
    lastSequence: 5,
    sequencePolicy: 'flag',
    accountActive: true,
  };
  const message = { sequence: 6, sentAt: now, leaving: false };
  const refusedAs = (more: Partial<AdmissionFacts>, other: Partial<typeof message> = {}) => {
    const admission = admitMessage({ ...facts, ...more }, { ...message, ...other }, now);
    return admission.ok ? undefined : admission.code;
  };

  it('is taken, also after a silence', () => {
    expect(admitMessage(facts, message, now)).toEqual({
      ok: true,
      lastSequence: 6,
      sequenceRegressed: false,
    });
    expect(refusedAs({ state: 'authorization-expired' })).toBeUndefined();
  });

  it('is refused in the order of the protocol', () => {
    const inactive = { accountActive: false };
    expect(refusedAs(inactive)).toBe('account-not-active');
    const regressed = { ...inactive, sequencePolicy: 'refuse' as const };
    expect(refusedAs(regressed, { sequence: 5 })).toBe('sequence-regressed');
    const late = { sequence: 5, sentAt: now.subtract({ seconds: 3601 }) };
    expect(refusedAs(regressed, late)).toBe('clock-skew');
    expect(refusedAs({ ...regressed, certificateExpiresAt: now }, late)).toBe('certificate-ended');
    expect(refusedAs({ ...regressed, certificateExpiresAt: undefined }, late)).toBe('certificate-unknown');
    for (const state of ['removed', 'deregistered', 'replaced'] as const) {
      expect(refusedAs({ ...regressed, state, certificateExpiresAt: undefined }, late)).toBe(
        'instance-removed',
      );
    }
    expect(refusedAs({ state: 'certificate-ended' }, late)).toBe('certificate-ended');
  });

  it('may leave an account that is not active', () => {
    expect(refusedAs({ accountActive: false }, { leaving: true })).toBeUndefined();
  });

  it('is flagged when its sequence number goes back, and the last one stays', () => {
    const admission = admitMessage(facts, { ...message, sequence: 2 }, now);
    expect(admission).toEqual({ ok: true, lastSequence: 5, sequenceRegressed: true });
  });
});

describe('a registration token', () => {
  const at = Temporal.Instant.from('2026-11-22T12:00:00Z');
  const token: TokenFacts = { expiresAt: at.add({ hours: 1 }), revokedAt: null, maximumUses: 2, uses: 1 };
  it.each<[string, Partial<TokenFacts>, string]>([
    ['with uses left', {}, 'active'],
    ['without a limit', { maximumUses: null, uses: 1_000_000 }, 'active'],
    ['with no uses left', { uses: 2 }, 'used-up'],
    ['at its end', { expiresAt: at, uses: 2 }, 'expired'],
    ['revoked', { revokedAt: at, expiresAt: at, uses: 2 }, 'revoked'],
  ])('%s is %s', (_, more, state) => {
    expect(tokenStateAt({ ...token, ...more }, at)).toBe(state);
  });
});
