export {
  type AlertKind,
  carryAlerts,
  type RaisedAlert,
  raiseAlerts,
  type Severity,
  settleAlerts,
} from './alerts-store.ts';
export { type AlertAnswer, alertsThatMatter } from './alerts-view.ts';
export { runTermAlerts } from './term-alerts-job.ts';
export { type ToldAlert, tellAlerts } from './told-alerts.ts';
