import { type AccountRole, accountRoles } from '@estover/domain/access';
import type { AnswerOf, listVirtualAccountAccess } from '@estover/protocol';
import { type ReactNode, useRef } from 'react';
import { roleNames } from '../../account.tsx';
import type { Pages } from '../../api.ts';
import { formatNumber, formatPath } from '../../format.ts';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import type { Place } from '../../paths.ts';
import styles from './access-review.module.css';
import { useOpenCellInSight } from './open-cell.ts';
import { shortRoleNames, waysOf } from './review-words.ts';

type Answer = AnswerOf<typeof listVirtualAccountAccess>;
type Row = Answer['items'][number];

interface PlacesMatrixProps {
  list: Pages<Answer>;
  /** The address with the panel of a virtual account, at one of the roles. */
  panelOf: (virtualAccountId: string, role?: AccountRole) => Place;
  open: { virtualAccountId: string | undefined; role: AccountRole | undefined };
  empty: ReactNode;
}

/** A row for each virtual account and a column for each role: how many people have it there, and how. */
export function PlacesMatrix({ list, panelOf, open, empty }: PlacesMatrixProps) {
  const matrix = useRef<HTMLDivElement>(null);
  useOpenCellInSight(
    matrix,
    open.virtualAccountId === undefined ? null : `${open.virtualAccountId} ${open.role}`,
  );
  const columns: Column<Row>[] = [
    {
      key: 'virtualAccount',
      title: 'Virtual account',
      cell: ({ path }) => (
        <span className={styles.first}>
          <TwoLines
            name={path.at(-1)}
            {...(path.length < 2 ? {} : { below: `in ${formatPath(path.slice(0, -1))}` })}
          />
        </span>
      ),
    },
    ...accountRoles.map(
      (role): Column<Row> => ({
        key: role,
        title: shortRoleNames[role],
        numeric: true,
        cell: ({ virtualAccountId, cells }) => {
          const cell = cells.find((one) => one.role === role);
          if (cell === undefined) return null;
          const isOpen = open.virtualAccountId === virtualAccountId && open.role === role;
          return (
            <PlaceLink
              to={panelOf(virtualAccountId, role)}
              keepScroll
              className={styles.cell}
              data-cell-open={isOpen || undefined}
            >
              <b>{formatNumber(cell.people)}</b>
              <span className="visually-hidden"> {roleNames[role].toLowerCase()}, </span>
              <small>{waysOf(cell)}</small>
            </PlaceLink>
          );
        },
      }),
    ),
  ];
  return (
    <div ref={matrix} className={styles.matrix}>
      <DataTable
        label="Virtual accounts and roles"
        keyboard
        columns={columns}
        rows={list.items}
        rowKey={({ virtualAccountId }) => virtualAccountId}
        rowLead={({ path }) => <span style={{ width: (path.length - 1) * 12 }} aria-hidden="true" />}
        rowLink={({ virtualAccountId }) => panelOf(virtualAccountId)}
        openKey={open.virtualAccountId ?? null}
        {...list.table}
        empty={empty}
      />
    </div>
  );
}
