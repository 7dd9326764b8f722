export {
  ensureMeasurementPartitions,
  insertUsageMeasurements,
  type UsageMeasurement,
} from './usage-measurements-store.ts';
