import type { Handler } from '../edge/operation.ts';
import { listAlertsView } from './alerts-view.ts';
import { snoozeAlertCommand } from './snooze-alert.ts';

export const routes: readonly Handler[] = [listAlertsView, snoozeAlertCommand];
