import { platformAccountId } from '../audit/record-event.ts';
import type { Trx } from '../database/database.ts';

/** Whether a person has hidden the first steps of an account; of the platform where it is null. */
export async function isGuideHidden(trx: Trx, personId: string, accountId: string | null): Promise<boolean> {
  const found = await trx
    .selectFrom('hidden_guides')
    .select('person_id')
    .where('account_id', '=', accountId ?? platformAccountId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return found !== undefined;
}

export async function saveGuide(
  trx: Trx,
  personId: string,
  { accountId, isHidden }: { accountId: string | null; isHidden: boolean },
): Promise<void> {
  const row = { account_id: accountId ?? platformAccountId, person_id: personId };
  if (isHidden) {
    await trx
      .insertInto('hidden_guides')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return;
  }
  await trx
    .deleteFrom('hidden_guides')
    .where('account_id', '=', row.account_id)
    .where('person_id', '=', personId)
    .execute();
}
