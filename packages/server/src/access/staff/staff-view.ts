import { listStaff, type staffPerson } from '@estover/protocol';
import type { z } from 'zod';
import { view } from '../../edge/operation.ts';
import { decodeCursor, pageFrom } from '../../edge/paging.ts';
import {
  countStaff,
  grantsOfAll,
  listStaffRows,
  readStaffSettings,
  type StaffRow,
  type StoredPlatformGrant,
} from './staff-store.ts';

export const staffAnswer = (
  row: StaffRow,
  roles: readonly StoredPlatformGrant[],
): z.output<typeof staffPerson> => ({
  personId: row.personId,
  name: row.name,
  email: row.email,
  status: row.hasPassword ? 'active' : 'invited',
  secondFactor: row.secondFactor,
  roles: roles.map(({ role, until, grantedBy, grantedAt }) => ({
    role,
    until: until?.toString() ?? null,
    grantedBy,
    grantedAt: grantedAt.toString(),
  })),
});

const list = 'staff';

export const listStaffHandler = view(listStaff, async ({ trx, now }, { query }) => {
  const after = decodeCursor(list, query.cursor, 2);
  const rows = await listStaffRows(trx, now, { limit: query.limit + 1, after });
  const held = await grantsOfAll(
    trx,
    rows.map(({ personId }) => personId),
    now,
  );
  const page = pageFrom(
    list,
    rows,
    query.limit,
    (row) => staffAnswer(row, held.get(row.personId) ?? []),
    (row) => [row.name, row.personId],
  );
  return { ...page, settings: await readStaffSettings(trx), ...(await countStaff(trx, now)) };
});
