import { importColumns, importOrders } from '@estover/protocol';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { usePlatform } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { count, formatNumber } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { FileDrop } from '../../parts/FileDrop.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { paths } from '../../paths.ts';
import { errorsCsv, type RowError } from './errors-csv.ts';
import styles from './orders.module.css';

interface OrdersFile {
  name: string;
  content: string;
  contentType: 'text/csv' | 'application/json';
}

const columns: Column<RowError>[] = [
  { key: 'row', title: 'Row', cell: (error) => `Row ${formatNumber(error.row)}` },
  { key: 'column', title: 'Column', cell: (error) => error.column },
  { key: 'detail', title: 'What is wrong', cell: (error) => error.detail },
];

/** Takes orders from a file: tried first, with every row that cannot be taken, then done. */
export default function ImportOrdersPage() {
  const platform = usePlatform();
  const navigate = useNavigate();
  const [file, setFile] = useState<OrdersFile | null>(null);
  const trial = useAction(importOrders);
  const doing = useAction(importOrders);
  const reason = platform.reasonAgainst('manage-orders');

  const take = async (chosen: File) => {
    const content = await chosen.text();
    const contentType = chosen.name.toLowerCase().endsWith('.json') ? 'application/json' : 'text/csv';
    setFile({ name: chosen.name, content, contentType });
    doing.reset();
    // Tried as if bad rows were left out, because that answers every error and what would be taken, both at once.
    trial.mutate({ query: { goodRowsOnly: true }, body: content, contentType, dryRun: true });
  };

  const found = trial.data;
  const bad = found?.errors.length ?? 0;
  const doImport = () => {
    if (file === null || found === undefined) return;
    doing.mutate(
      { query: { goodRowsOnly: bad > 0 }, body: file.content, contentType: file.contentType },
      {
        onSuccess: ({ orders }) => {
          notifyDone(`${count(orders, 'order')} imported from ${file.name}.`);
          void navigate({ to: paths.platformOrders().to });
        },
      },
    );
  };

  return (
    <>
      <PageHead
        title="Import orders"
        sentence="A file is tried first: you see what would be taken, and nothing changes until you import it."
        back={{ to: paths.platformOrders(), label: 'All orders' }}
      />
      <div className={styles.stack}>
        <Card padded>
          <FileDrop
            label="File with orders"
            what="a CSV or JSON file"
            most="Up to 32 MB"
            accept=".csv,.json,text/csv,application/json"
            onFile={(chosen) => void take(chosen)}
            name={file?.name}
            disabled={reason !== null}
          />
          {reason !== null && <p>{reason}</p>}
        </Card>
        {file === null && <WhatAFileHolds />}
        {trial.isPending && (
          <Card padded>
            <p role="status">Trying {file?.name}…</p>
          </Card>
        )}
        {trial.error !== null && <ProblemNotice error={trial.error} />}
        {file !== null && found !== undefined && (
          <Card title={`Tried ${file.name}`}>
            <div className={styles.result} style={{ padding: '14px 16px' }}>
              <p>
                <b>
                  {count(found.orders, 'order')} with {count(found.lines, 'line')}
                </b>{' '}
                can be taken; {count(found.delivered, 'line')} of them {found.delivered === 1 ? 'is' : 'are'}{' '}
                delivered at once.
                {bad > 0 && (
                  <>
                    {' '}
                    {count(found.skippedOrders.length, 'order')}{' '}
                    {found.skippedOrders.length === 1 ? 'has' : 'have'} {count(bad, 'error')} and would be
                    left out.
                  </>
                )}
              </p>
              <ProblemNotice error={doing.error} />
              <div className={styles.actions}>
                <ReasonedButton
                  variant="filled"
                  loading={doing.isPending}
                  reason={reason ?? (found.orders === 0 ? 'No order of the file can be taken.' : null)}
                  onClick={doImport}
                >
                  {bad > 0
                    ? `Import only the ${count(found.orders, 'good order')}`
                    : `Import ${count(found.orders, 'order')}`}
                </ReasonedButton>
                {bad > 0 && (
                  <ReasonedButton onClick={() => saveErrors(file.name, found.errors)}>
                    Download {count(bad, 'error')} as CSV
                  </ReasonedButton>
                )}
              </div>
              {bad > 0 && (
                <p className={styles.quiet}>
                  To take all or nothing, mend the rows below in the file and choose it again.
                </p>
              )}
              <ApiCall
                operation={importOrders}
                input={{ query: { goodRowsOnly: bad > 0 }, body: `@${file.name}` }}
              />
            </div>
            {bad > 0 && (
              <DataTable
                label="Rows that cannot be taken"
                columns={columns}
                rows={found.errors}
                rowKey={(error) => `${error.row} ${error.column} ${error.code} ${error.detail}`}
                empty={<EmptyState title="Every row is good" />}
              />
            )}
          </Card>
        )}
      </div>
    </>
  );
}

function saveErrors(fileName: string, errors: readonly RowError[]): void {
  const address = URL.createObjectURL(new Blob([errorsCsv(errors)], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${fileName.replace(/\.[^.]*$/, '')}-errors.csv`;
  link.click();
  URL.revokeObjectURL(address);
}

type ImportColumn = (typeof importColumns)[number];

/** What an empty cell means, in the columns that may be empty. */
const emptyMeans: readonly [ImportColumn, string][] = [
  ['ordered_at', 'Ordered now.'],
  ['line', 'The lines of an order are numbered in the order of their rows.'],
  ['virtual_account', 'The licenses go to the account’s default virtual account.'],
  ['start_date', 'The term starts on the day of delivery.'],
  ['state', 'The line ships at once, as “shipped” does; “booked” waits until it is shipped by hand.'],
];

function WhatAFileHolds() {
  return (
    <Card title="What a file holds" padded>
      <p>
        A CSV file has a row for each line of an order, with these columns in its first row. Rows of one order
        need not be next to each other.
      </p>
      <p>
        <code className={styles.header}>{importColumns.join(',')}</code>
      </p>
      <p>
        A row may leave these empty, and the file may do without them (the other columns must be filled in):
      </p>
      <dl className={styles.meanings}>
        {emptyMeans.map(([column, meaning]) => (
          <div key={column}>
            <dt>
              <code>{column}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p>A JSON file is an array of orders, each as the API takes it.</p>
    </Card>
  );
}
