import {
  transfer as decideTransfer,
  type Precedence,
  type TakeLine,
  type TransferRefusal,
} from '@estover/domain/licenses';
import type { AnswerOf, transferLicenses } from '@estover/protocol';
import { requireVirtualAccount } from '../access/scope.ts';
import { requireAgreements } from '../agreements/index.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import { placeInWords } from '../edge/hidden-names.ts';
import type { Input } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { decideMovement } from './decide-locked.ts';
import { licenseRefused } from './license-refused.ts';
import { licensesOfTags, type TaggedLicense } from './licenses-of-tags.ts';
import { holdVirtualAccounts, loadHoldings } from './licenses-store.ts';
import { transferAnswer } from './transfer-answer.ts';

type Line = Input<typeof transferLicenses>['body']['lines'][number];

/** Moves licenses between two virtual accounts, in both of which the caller may move inventory. */
export async function moveLicenses(
  context: Context,
  { params: { accountId }, body }: Input<typeof transferLicenses>,
): Promise<{ answer: AnswerOf<typeof transferLicenses>; event: EventFacts }> {
  const { fromVirtualAccountId, toVirtualAccountId, lines, reason } = body;
  await requireAgreements(context, accountId, 'transfers');
  await holdVirtualAccounts(context.trx, accountId, [fromVirtualAccountId, toVirtualAccountId]);
  const [from, to] = [
    await movable(context, accountId, fromVirtualAccountId, 'fromVirtualAccountId'),
    await movable(context, accountId, toVirtualAccountId, 'toVirtualAccountId'),
  ];
  const licenses = await licensesOfTags(
    context.trx,
    lines.map((line) => line.tag),
  );
  const takes = takeLinesOf(lines, licenses);
  const licenseIds = takes.map((line) => line.licenseId);
  const { movement, licenseOf } = await decideMovement(
    context,
    accountId,
    () => loadHoldings(context.trx, accountId, fromVirtualAccountId, licenseIds),
    (facts) =>
      decideTransfer(facts, { fromVirtualAccountId, toVirtualAccountId, lines: takes, reason }, context.now),
    (refusal) => transferRefused(refusal, lines),
  );
  const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const first = licenses.get(lines[0]?.tag ?? '')?.name ?? '';
  const what = lines.length === 1 ? `${units} ${first}` : `${units} of ${licenses.size} licenses`;
  return transferAnswer(context, accountId, movement, licenseOf, {
    virtualAccountId: from.virtualAccountId,
    otherVirtualAccountId: to.virtualAccountId,
    message: `moved ${what} from ${placeInWords(from)} to ${placeInWords(to)}`,
  });
}

function movable(context: Context, accountId: string, virtualAccountId: string, field: string) {
  const detail = `There is no virtual account ${virtualAccountId} here that you may see.`;
  return requireVirtualAccount(context, accountId, virtualAccountId, 'move-inventory', {
    orUnknown: () =>
      new Refused('unknown-virtual-account', detail, { errors: [{ pointer: `body/${field}`, detail }] }),
  });
}

function takeLinesOf(lines: readonly Line[], licenses: ReadonlyMap<string, TaggedLicense>): TakeLine[] {
  const unknown = lines.flatMap(({ tag }, index) =>
    licenses.has(tag) ? [] : [{ pointer: `body/lines/${index}/tag`, detail: `There is no license ${tag}.` }],
  );
  if (unknown.length > 0) {
    throw new Refused('unknown-tag', unknown.map(({ detail }) => detail).join(' '), { errors: unknown });
  }
  return lines.map((line) => ({
    licenseId: licenses.get(line.tag)?.licenseId ?? '',
    quantity: line.quantity,
    precedence: precedenceOf(line),
  }));
}

function precedenceOf({ lots, precedence }: Line): Precedence | undefined {
  return lots === undefined ? precedence : { lots };
}

/** The domain names lines by number and licenses by id; callers asked by tag. */
function transferRefused(refusal: TransferRefusal, lines: readonly Line[]): Refused {
  const refused = licenseRefused(refusal);
  if (refusal.code !== 'not-enough-available') return refused;
  return new Refused(refused.code, refused.message, {
    rule: refusal.code,
    lines: refusal.lines.map(({ licenseId: _, ...short }) => ({ tag: lines[short.line]?.tag, ...short })),
    errors: refusal.lines.map(({ line, asked, available }) => ({
      pointer: `body/lines/${line}/quantity`,
      detail: `asked ${asked}, available ${available}`,
    })),
  });
}
