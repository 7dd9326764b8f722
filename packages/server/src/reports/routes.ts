import {
  downloadLicenseSubscriptionsReport,
  downloadLicensesReport,
  downloadProductInstancesReport,
} from '@estover/protocol';
import { requireAgreements } from '../agreements/index.ts';
import type { Context } from '../edge/context.ts';
import { type FileAnswer, fileView, type Handler } from '../edge/operation.ts';
import { csvFile } from './csv-writer.ts';
import { jsonFile } from './json-writer.ts';
import { licenseSubscriptionsReport } from './license-subscriptions-report.ts';
import { licensesReport } from './licenses-report.ts';
import { productInstancesReport } from './product-instances-report.ts';
import type { Report } from './report.ts';
import { xlsxFile } from './xlsx-writer.ts';

type Format = 'json' | 'csv' | 'xlsx';

const contentTypes: Record<Format, string> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

async function fileOf(
  context: Context,
  { params: { accountId }, query: { format } }: { params: { accountId: string }; query: { format: Format } },
  read: () => Promise<Report>,
): Promise<FileAnswer> {
  await requireAgreements(context, accountId, 'downloads');
  const { now } = context;
  const report = await read();
  const stream: Record<Format, () => AsyncIterable<Uint8Array | string>> = {
    json: () => jsonFile(report, now),
    csv: () => csvFile(report),
    xlsx: () => xlsxFile(report, now),
  };
  const day = now.toZonedDateTimeISO('UTC').toPlainDate();
  return {
    contentType: contentTypes[format],
    fileName: `estover-${report.name}-${day}.${format}`,
    stream: stream[format](),
  };
}

export const routes: readonly Handler[] = [
  fileView(downloadLicensesReport, (context, input) =>
    fileOf(context, input, () => licensesReport(context, input)),
  ),
  fileView(downloadLicenseSubscriptionsReport, (context, input) =>
    fileOf(context, input, () => licenseSubscriptionsReport(context, input)),
  ),
  fileView(downloadProductInstancesReport, (context, input) =>
    fileOf(context, input, () => productInstancesReport(context, input)),
  ),
];
