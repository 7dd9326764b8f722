import { type AccountRole, accountRoles } from '@estover/domain/access';
import type { AnswerOf, listAccessMatrix } from '@estover/protocol';
import { Tooltip } from '@mantine/core';
import { type ReactNode, useRef } from 'react';
import { roleNames } from '../../account.tsx';
import type { Pages } from '../../api.ts';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { Moment } from '../../parts/figures.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import type { Place } from '../../paths.ts';
import styles from './access-review.module.css';
import { useOpenCellInSight } from './open-cell.ts';
import { allPlaces, type Cell, cellHead, cellMarks, type MatrixRow, shortRoleNames } from './review-words.ts';

interface PeopleMatrixProps {
  list: Pages<AnswerOf<typeof listAccessMatrix>>;
  /** The address with the panel of a person, at one of their roles. */
  panelOf: (personId: string, role?: AccountRole) => Place;
  open: { personId: string | undefined; role: AccountRole | undefined };
  empty: ReactNode;
}

/** A row for each person and a column for each role: where they have it. */
export function PeopleMatrix({ list, panelOf, open, empty }: PeopleMatrixProps) {
  const matrix = useRef<HTMLDivElement>(null);
  useOpenCellInSight(matrix, open.personId === undefined ? null : `${open.personId} ${open.role}`);
  const columns: Column<MatrixRow>[] = [
    {
      key: 'person',
      title: 'Person',
      cell: ({ person }) => (
        <span className={styles.first}>
          <TwoLines name={person.name} below={person.partner ? `${person.email} · partner` : person.email} />
        </span>
      ),
    },
    {
      key: 'signedIn',
      title: 'Last sign-in',
      cell: ({ person }) => <Moment at={person.lastSignedInAt} />,
    },
    ...accountRoles.map(
      (role): Column<MatrixRow> => ({
        key: role,
        title: shortRoleNames[role],
        cell: ({ person, cells }) => {
          const cell = cells.find((one) => one.role === role);
          return cell === undefined ? null : (
            <CellLink
              cell={cell}
              to={panelOf(person.personId, role)}
              isOpen={open.personId === person.personId && open.role === role}
            />
          );
        },
      }),
    ),
  ];
  return (
    <div ref={matrix} className={styles.matrix}>
      <DataTable
        label="People and roles"
        keyboard
        columns={columns}
        rows={list.items}
        rowKey={({ person }) => person.personId}
        rowLink={({ person }) => panelOf(person.personId)}
        openKey={open.personId ?? null}
        {...list.table}
        empty={empty}
      />
    </div>
  );
}

/** Where somebody has a role; all places on hover and focus, the grants behind them in the panel. */
function CellLink({ cell, to, isOpen }: { cell: Cell; to: Place; isOpen: boolean }) {
  const { first, more } = cellHead(cell);
  const link = (
    <PlaceLink to={to} keepScroll className={styles.cell} data-cell-open={isOpen || undefined}>
      <b>{first}</b>
      {more > 0 && <span> and {more} more</span>}
      <span className="visually-hidden">, {roleNames[cell.role].toLowerCase()}, </span>
      <small>{cellMarks(cell).join(' · ')}</small>
    </PlaceLink>
  );
  const places = allPlaces(cell);
  if (places.length < 2) return link;
  return (
    <Tooltip
      label={
        <ul className={styles.places}>
          {places.map((place) => (
            <li key={place}>{place}</li>
          ))}
        </ul>
      }
    >
      {link}
    </Tooltip>
  );
}
