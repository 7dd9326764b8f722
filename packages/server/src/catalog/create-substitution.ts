import { checkSubstitution, type SubstitutionRefusal } from '@estover/domain/licenses';
import type { AnswerOf, createSubstitution } from '@estover/protocol';
import type { Context, EventFacts } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { rejudgePools } from '../licenses/index.ts';
import { allSubstitutions, type CatalogLicense, connectedPools, licensesByTag } from './catalog-facts.ts';
import { insertSubstitution, lockSubstitutions } from './catalog-store.ts';

/** Lets surplus of one license stand in for another, unless that would go in a circle or cross export classes. */
export async function addSubstitution(
  context: Context,
  { body }: Input<typeof createSubstitution>,
): Promise<{ answer: AnswerOf<typeof createSubstitution>; event: EventFacts }> {
  const { trx } = context;
  await lockSubstitutions(trx);
  const licenses = await licensesByTag(trx, [body.upperTag, body.lowerTag]);
  const upper = licenses.get(body.upperTag);
  const lower = licenses.get(body.lowerTag);
  if (upper === undefined || lower === undefined) {
    const missing = upper === undefined ? 'upperTag' : 'lowerTag';
    const detail = `There is no license with the tag ${body[missing]}.`;
    throw new Refused('unknown-tag', detail, { errors: [{ pointer: `body/${missing}`, detail }] });
  }
  const decision = checkSubstitution(
    {
      substitutions: await allSubstitutions(trx),
      licenses: [upper, lower].map((license) => ({
        licenseId: license.licenseId,
        exportClass: exportClassOf(license),
      })),
    },
    {
      upperLicenseId: upper.licenseId,
      lowerLicenseId: lower.licenseId,
      upperQuantity: body.upperQuantity,
      lowerQuantity: body.lowerQuantity,
      priority: body.priority,
    },
  );
  if (!decision.ok) throw refusalOf(decision, upper, lower);
  const substitutionId = context.newId();
  await insertSubstitution(trx, { ...decision.value, substitutionId });
  await judgeAgain(context, upper.licenseId);
  const substitution = {
    substitutionId,
    upperTag: upper.tag,
    upperName: upper.name,
    lowerTag: lower.tag,
    lowerName: lower.name,
    upperQuantity: body.upperQuantity,
    lowerQuantity: body.lowerQuantity,
    priority: body.priority,
  };
  return {
    answer: { substitution },
    event: {
      accountId: null,
      objectKind: 'substitution',
      objectId: substitutionId,
      message: `let ${body.upperQuantity} ${upper.name} stand in for ${body.lowerQuantity} ${lower.name}`,
      after: substitution,
    },
  };
}

/** So many pools are judged by one call; their rows are locked in one order over all calls. */
const poolsAtOnce = 1_000;

/** Shortages end or begin with a substitution: every pool that hangs together with the license is judged again. */
async function judgeAgain(context: Context, licenseId: string): Promise<void> {
  const pools = await connectedPools(context.trx, licenseId);
  for (let first = 0; first < pools.length; first += poolsAtOnce) {
    await rejudgePools(context, pools.slice(first, first + poolsAtOnce));
  }
}

/** What needs an export category is one class, everything else the other (seed 003: never across them). */
const exportClassOf = (license: CatalogLicense): string =>
  license.enforcement === 'export-controlled' ? 'export-controlled' : 'unrestricted';

function refusalOf(refusal: SubstitutionRefusal, upper: CatalogLicense, lower: CatalogLicense): Refused {
  switch (refusal.code) {
    case 'substitution-quantity-invalid':
      return new Refused(
        'invalid-request',
        `The two quantities of a substitution are whole numbers from 1 to ${refusal.maximum}.`,
        {
          errors: [{ pointer: 'body/upperQuantity', detail: `must both be at most ${refusal.maximum}` }],
          maximum: refusal.maximum,
        },
      );
    case 'substitution-of-itself':
      return new Refused('substitution-cycle', `${upper.name} cannot stand in for itself.`);
    case 'export-classes-differ':
      return new Refused(
        'substitution-export-class',
        `${upper.name} is ${upper.enforcement} and ${lower.name} is ${lower.enforcement}.`,
        { upperEnforcement: upper.enforcement, lowerEnforcement: lower.enforcement },
      );
    case 'substitution-exists':
      return new Refused('substitution-exists', `${upper.name} stands in for ${lower.name} already.`);
    case 'substitution-cycle':
      return new Refused(
        'substitution-cycle',
        `${lower.name} stands in for ${upper.name} already${
          refusal.path.length > 2 ? `, through ${refusal.path.length - 2} other licenses` : ''
        }.`,
        { licenseIds: refusal.path },
      );
    case 'substitution-license-unknown':
      throw new Error('unreachable: both licenses were looked up');
  }
}
