import * as access from './access/index.ts';
import * as accounts from './accounts/index.ts';
import * as agreements from './agreements/index.ts';
import * as alerts from './alerts/index.ts';
import * as audit from './audit/index.ts';
import * as catalog from './catalog/index.ts';
import * as licenses from './licenses/index.ts';
import * as notifications from './notifications/index.ts';
import type { Operation } from './operation.ts';
import * as orders from './orders/index.ts';
import * as privacy from './privacy/index.ts';
import * as productInstances from './product-instances/index.ts';
import * as reports from './reports/index.ts';
import * as support from './support/index.ts';
import * as webhooks from './webhooks/index.ts';

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' &&
  value !== null &&
  'permission' in value &&
  'path' in value &&
  'method' in value;

/** Every operation of the API, by name. Whatever a capability exports with `defineOperation` is in it. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [
    access,
    accounts,
    agreements,
    alerts,
    audit,
    catalog,
    licenses,
    notifications,
    orders,
    productInstances,
    reports,
    support,
    webhooks,
    privacy,
  ]
    .flatMap((capability) => Object.values(capability))
    .filter(isOperation)
    .map((operation) => [operation.name, operation]),
);
