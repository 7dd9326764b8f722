import { accept, type Decision, refuse } from '../refusal.ts';
import type {
  ExportClassesDiffer,
  SubstitutionCycle,
  SubstitutionExists,
  SubstitutionLicenseUnknown,
  SubstitutionOfItself,
  SubstitutionQuantityInvalid,
} from './refusals.ts';
import type { Substitution } from './substitution.ts';

/** The most units either side of a substitution's ratio may name. */
export const MAX_SUBSTITUTION_QUANTITY = 1_000_000;

export type SubstitutionFacts = {
  /** All substitutions there are. */
  readonly substitutions: readonly Substitution[];
  /** The two licenses of the new one, with their export classes. */
  readonly licenses: readonly { readonly licenseId: string; readonly exportClass: string }[];
};
export type SubstitutionRefusal =
  | SubstitutionQuantityInvalid
  | SubstitutionOfItself
  | SubstitutionLicenseUnknown
  | ExportClassesDiffer
  | SubstitutionExists
  | SubstitutionCycle;

/**
 * Decides whether a substitution may join those there are: never the reverse of what is already possible, directly or
 * through others, and never between licenses of different export classes.
 */
export function checkSubstitution(
  facts: SubstitutionFacts,
  request: Substitution,
): Decision<Substitution, SubstitutionRefusal> {
  const { upperLicenseId, lowerLicenseId, upperQuantity, lowerQuantity } = request;
  if (!isRatioQuantity(upperQuantity) || !isRatioQuantity(lowerQuantity)) {
    return refuse('substitution-quantity-invalid', {
      upperQuantity: String(upperQuantity),
      lowerQuantity: String(lowerQuantity),
      maximum: MAX_SUBSTITUTION_QUANTITY,
    });
  }
  if (upperLicenseId === lowerLicenseId) {
    return refuse('substitution-of-itself', { licenseId: upperLicenseId });
  }
  const upper = facts.licenses.find(({ licenseId }) => licenseId === upperLicenseId);
  if (!upper) return refuse('substitution-license-unknown', { licenseId: upperLicenseId });
  const lower = facts.licenses.find(({ licenseId }) => licenseId === lowerLicenseId);
  if (!lower) return refuse('substitution-license-unknown', { licenseId: lowerLicenseId });
  if (upper.exportClass !== lower.exportClass) {
    return refuse('export-classes-differ', {
      upperExportClass: upper.exportClass,
      lowerExportClass: lower.exportClass,
    });
  }
  if (
    facts.substitutions.some(
      (each) => each.upperLicenseId === upperLicenseId && each.lowerLicenseId === lowerLicenseId,
    )
  ) {
    return refuse('substitution-exists', { upperLicenseId, lowerLicenseId });
  }
  const path = wayDown(facts.substitutions, lowerLicenseId, upperLicenseId);
  if (path) return refuse('substitution-cycle', { path });
  return accept(request);
}

function isRatioQuantity(quantity: number): boolean {
  return Number.isSafeInteger(quantity) && quantity >= 1 && quantity <= MAX_SUBSTITUTION_QUANTITY;
}

/** The shortest way down from one license to another along what exists, both ends included, or null. */
function wayDown(substitutions: readonly Substitution[], from: string, to: string): readonly string[] | null {
  const lowersOf = Map.groupBy(substitutions, (each) => each.upperLicenseId);
  const seen = new Set([from]);
  const ways: string[][] = [[from]];
  for (const way of ways) {
    const end = way.at(-1) ?? from;
    if (end === to) return way;
    for (const { lowerLicenseId } of lowersOf.get(end) ?? []) {
      if (seen.has(lowerLicenseId)) continue;
      seen.add(lowerLicenseId);
      ways.push([...way, lowerLicenseId]);
    }
  }
  return null;
}
