import type { Scenario } from '../harness/scenario.ts';
import { authorizations } from './authorizations.ts';
import { compliance } from './compliance.ts';
import { enumeration } from './enumeration.ts';
import { reports } from './exports.ts';
import { http } from './http.ts';
import { reading } from './inventory.ts';
import { comparisons } from './pgbench.ts';
import { registering } from './registrations.ts';
import { starts } from './start.ts';
import { transferPreview } from './transfer-preview.ts';
import { usageMeasurements } from './usage-measurements.ts';

/** All scenarios, in the order in which they run. A new one is a file of its own and a line here. */
export const scenarios: readonly Scenario[] = [
  ...starts,
  ...http,
  ...authorizations,
  ...comparisons,
  ...registering,
  usageMeasurements,
  ...reading,
  transferPreview,
  reports,
  compliance,
  enumeration,
];
