import {
  downloadLicenseSubscriptionsReport,
  downloadLicensesReport,
  downloadProductInstancesReport,
} from '@estover/protocol';
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

function fileOf(report: Report, format: Format, { now }: Context): FileAnswer {
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
  fileView(downloadLicensesReport, async (context, input) =>
    fileOf(await licensesReport(context, input), input.query.format, context),
  ),
  fileView(downloadLicenseSubscriptionsReport, async (context, input) =>
    fileOf(await licenseSubscriptionsReport(context, input), input.query.format, context),
  ),
  fileView(downloadProductInstancesReport, async (context, input) =>
    fileOf(await productInstancesReport(context, input), input.query.format, context),
  ),
];
