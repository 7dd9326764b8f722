export {
  type AlertKind,
  type RaisedAlert,
  raiseAlerts,
  type Severity,
  settleAlerts,
} from './alerts-store.ts';
