import type { AnswerOf, createLicense } from '@estover/protocol';
import type { Context, EventFacts } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { insertLicense } from './catalog-store.ts';

/** Adds a license to the catalog; its tag is its name for devices and orders, and never changes. */
export async function addLicense(
  context: Context,
  { body }: Input<typeof createLicense>,
): Promise<{ answer: AnswerOf<typeof createLicense>; event: EventFacts }> {
  const licenseId = context.newId();
  if (!(await insertLicense(context.trx, { ...body, licenseId, createdAt: context.now }))) {
    throw new Refused('tag-taken', `The catalog has a license with the tag ${body.tag}.`, {
      tag: body.tag,
    });
  }
  const license = { licenseId, ...body, createdAt: context.now.toString() };
  return {
    answer: { license },
    event: {
      accountId: null,
      objectKind: 'license',
      objectId: licenseId,
      message: `added the license ${body.name} (${body.tag}) to the catalog`,
      after: license,
    },
  };
}
