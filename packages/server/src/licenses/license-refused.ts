import { describeRefusal, type LicenseRefusal, type LicenseRefusalCode } from '@estover/domain/licenses';
import type { ProblemCode } from '@estover/protocol';
import { Refused } from '../edge/refused.ts';

const problemCodes: Readonly<Record<LicenseRefusalCode, ProblemCode>> = {
  'reason-missing': 'invalid-request',
  'lines-missing': 'nothing-to-do',
  'quantity-invalid': 'quantity-invalid',
  'term-invalid': 'invalid-request',
  'virtual-accounts-the-same': 'same-virtual-account',
  'lot-named-twice': 'quantity-invalid',
  'lots-do-not-add-up': 'quantity-invalid',
  'lot-unknown': 'unknown-lot',
  'lot-not-in-pool': 'unknown-lot',
  'lot-too-large': 'quantity-invalid',
  'not-enough-available': 'insufficient-licenses',
  'not-enough-in-state': 'insufficient-licenses',
  'nothing-to-start': 'nothing-to-do',
  'nothing-to-expire': 'nothing-to-do',
  'hold-ended': 'hold-ended',
  'not-a-transfer': 'not-undoable',
  'undo-of-undo': 'not-undoable',
  'already-undone': 'undo-done',
  'undo-too-late': 'undo-too-late',
  'substitution-quantity-invalid': 'quantity-invalid',
  'substitution-of-itself': 'substitution-cycle',
  'substitution-license-unknown': 'unknown-tag',
  'export-classes-differ': 'substitution-export-class',
  'substitution-exists': 'substitution-exists',
  'substitution-cycle': 'substitution-cycle',
};

/** A refusal of the domain on its way to the caller: its sentence, and its numbers as facts. */
export function licenseRefused(
  refusal: LicenseRefusal,
  code: ProblemCode = problemCodes[refusal.code],
): Refused {
  const { ok: _, code: rule, ...facts } = refusal;
  return new Refused(code, describeRefusal(refusal), { rule, ...JSON.parse(JSON.stringify(facts)) });
}
