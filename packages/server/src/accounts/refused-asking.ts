import type { RequestRefusal } from '@estover/domain/accounts';
import { Refused } from '../edge/refused.ts';

/**
 * The refusal of what was asked for, at the field that is wrong.
 *
 * @param ownAddress where the approver's address comes from, if it was not named as such
 */
export function refusedAsking({ code, field, detail }: RequestRefusal, ownAddress?: string): Refused {
  const wrongField = field === 'approverEmail' && ownAddress !== undefined ? ownAddress : field;
  return new Refused(code, detail, { errors: [{ pointer: `body/${wrongField}`, detail, code }] });
}
