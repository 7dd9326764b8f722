import type { Scenario } from '../harness/scenario.ts';
import { authorizations } from './authorizations.ts';
import { usageMeasurements } from './usage-measurements.ts';

/** All scenarios, in the order in which they run. A new one is a file of its own and a line here. */
export const scenarios: readonly Scenario[] = [...authorizations, usageMeasurements];
