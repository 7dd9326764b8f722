import { type Attributes, attributesOf } from './attributes.ts';
import { invalidPath, ScimError } from './error.ts';

export const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** One step of a PATCH (RFC 7644 §3.5.2). Without a path the value is an object of attributes. */
export interface PatchStep {
  op: 'add' | 'replace' | 'remove';
  path: string | null;
  value: unknown;
}

/** So many steps one PATCH has at most. */
const mostSteps = 1_000;

/**
 * Reads the steps of a PATCH. Some identity providers write `Add`, `Replace` and `Remove`, which is taken.
 *
 * @throws ScimError `invalidSyntax`, `invalidPath`; status 413 for more than 1,000 steps
 */
export function readPatch(body: unknown): PatchStep[] {
  const request = attributesOf(body, 'The body');
  const schemas = request['schemas'];
  if (!Array.isArray(schemas) || !schemas.includes(patchSchema)) {
    throw new ScimError(400, `The body must name the schema ${patchSchema}.`, 'invalidSyntax');
  }
  const steps = request['operations'];
  if (!Array.isArray(steps) || steps.length === 0) {
    throw new ScimError(400, 'The body must have Operations.', 'invalidSyntax');
  }
  if (steps.length > mostSteps) {
    throw new ScimError(
      413,
      `One PATCH has at most ${mostSteps} Operations. Send the others in another one.`,
    );
  }
  return steps.map((step) => readStep(attributesOf(step, 'Each of the Operations')));
}

function readStep(step: Attributes): PatchStep {
  const given = step['op'];
  const op = typeof given === 'string' ? given.toLowerCase() : '';
  if (op !== 'add' && op !== 'replace' && op !== 'remove') {
    throw new ScimError(400, 'Each op must be add, replace or remove.', 'invalidSyntax');
  }
  const path = step['path'] ?? null;
  if (path !== null && (typeof path !== 'string' || path.length > 500)) {
    throw invalidPath('Each path must be a text with at most 500 characters.');
  }
  // RFC 7644 §3.5.2.2: what is removed has to be named.
  if (op === 'remove' && (path === null || path.trim() === '')) {
    throw new ScimError(400, 'A remove must have a path.', 'invalidPath');
  }
  return { op, path: path === null || path.trim() === '' ? null : path.trim(), value: step['value'] };
}
