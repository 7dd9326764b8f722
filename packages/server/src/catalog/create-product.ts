import type { AnswerOf, createProduct } from '@estover/protocol';
import type { Context, EventFacts } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { licensesByTag } from './catalog-facts.ts';
import { insertProduct } from './catalog-store.ts';

/** Adds a product: which licenses one unit of it grants, for how long, and how it is paid. */
export async function addProduct(
  context: Context,
  { body }: Input<typeof createProduct>,
): Promise<{ answer: AnswerOf<typeof createProduct>; event: EventFacts }> {
  refuseRepeatedTags(body.grants.map((grant) => grant.tag));
  const licenses = await licensesByTag(
    context.trx,
    body.grants.map((grant) => grant.tag),
  );
  const errors = body.grants.flatMap((grant, index) =>
    licenses.has(grant.tag)
      ? []
      : [{ pointer: `body/grants/${index}/tag`, detail: `There is no license with the tag ${grant.tag}.` }],
  );
  if (errors[0] !== undefined) throw new Refused('unknown-tag', errors[0].detail, { errors });
  const grants = body.grants.flatMap(({ tag, quantityPerUnit }) => {
    const license = licenses.get(tag);
    return license === undefined
      ? []
      : [{ licenseId: license.licenseId, tag, licenseName: license.name, quantityPerUnit }];
  });
  const productId = context.newId();
  const { sku, name, term, billing } = body;
  const added = await insertProduct(context.trx, {
    productId,
    sku,
    name,
    term,
    billing,
    grants,
    createdAt: context.now,
  });
  if (!added) throw new Refused('sku-taken', `The catalog has a product with the SKU ${sku}.`, { sku });
  const product = {
    productId,
    sku,
    name,
    grants: grants
      .map(({ tag, licenseName, quantityPerUnit }) => ({ tag, licenseName, quantityPerUnit }))
      .sort((left, right) => (left.tag < right.tag ? -1 : 1)),
    term,
    billing,
    createdAt: context.now.toString(),
  };
  return {
    answer: { product },
    event: {
      accountId: null,
      objectKind: 'product',
      objectId: productId,
      message: `added the product ${sku} (${name}) to the catalog`,
      after: product,
    },
  };
}

function refuseRepeatedTags(tags: readonly string[]): void {
  const errors = tags.flatMap((tag, index) =>
    tags.indexOf(tag) === index
      ? []
      : [{ pointer: `body/grants/${index}/tag`, detail: `names the license ${tag} a second time` }],
  );
  if (errors.length > 0) {
    throw new Refused('invalid-request', 'A product grants each license once; raise its quantity instead.', {
      errors,
    });
  }
}
