import type { Scenario } from '../harness/scenario.ts';
import { authorizations } from './authorizations.ts';
import { http } from './http.ts';
import { comparisons } from './pgbench.ts';
import { registering } from './registrations.ts';
import { starts } from './start.ts';
import { usageMeasurements } from './usage-measurements.ts';

/** All scenarios, in the order in which they run. A new one is a file of its own and a line here. */
export const scenarios: readonly Scenario[] = [
  ...starts,
  ...http,
  ...authorizations,
  ...comparisons,
  ...registering,
  usageMeasurements,
];
